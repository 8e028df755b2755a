"""Debian's mail servers, each with a configuration and a queue of its own on loopback; a test without them is skipped.

``make mailservers`` installs them. They change to users of their own, so they want root.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_POSTFIX = Path("/usr/lib/postfix/sbin/master")
_DOVECOT = Path("/usr/lib/dovecot/lmtp")
_SECONDS = 20.0
_PASSWORD = "invented"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
mynetworks = 127.0.0.0/8
alias_maps =
recipient_delimiter = +
smtputf8_enable = yes
virtual_mailbox_domains = example.org
virtual_mailbox_maps = texthash:{folder}/people
virtual_transport = lmtp:unix:{folder}/lmtp
message_size_limit = 500000
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

_DOVECOT_CONF = """\
base_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = lmtp imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
recipient_delimiter = +
first_valid_uid = 1
mail_location = maildir:{folder}/mailboxes/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mailboxes/%n allow_all_users=yes
}}
service lmtp {{
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Town:
    """A Postfix that takes mail for people of example.org, and the Dovecot in which they read it."""

    port: int
    imap_port: int
    folder: Path

    def mails(self, name: str, count: int = 1) -> list[bytes]:
        """What lies in somebody's mailbox, once it is ``count`` mails or more, in the order of their arrival."""
        assert _comes_true(lambda: self._count(name) >= count), self._logs()
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=_SECONDS) as mailbox:
            mailbox.login(f"{name}@example.org", _PASSWORD)
            _, (total,) = mailbox.select(readonly=True)
            if not total or total == b"0":
                return []
            _, found = mailbox.fetch(f"1:{int(total)}", "(BODY.PEEK[])")
        return [part[1] for part in found if isinstance(part, tuple)]

    def _count(self, name: str) -> int:
        return len(list((self.folder / "mailboxes" / name / "new").glob("*")))

    def _logs(self) -> str:
        return "\n".join(log.read_text() for log in self.folder.glob("*.log"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def smtp_sink(*options: str) -> Iterator[int]:
    """Postfix's own test server, which fails where ``options`` say; its port."""
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if program is None:
        pytest.skip("needs Debian's smtp-sink: make mailservers")
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    server = subprocess.Popen([program, *user, *options, f"127.0.0.1:{port}", "16"])
    try:
        assert _comes_true(lambda: _answers(port))
        yield port
    finally:
        server.kill()
        server.wait()


@contextmanager
def town(*people: str) -> Iterator[Town]:
    """A Postfix and a Dovecot, and mailboxes for these people."""
    if not (_POSTFIX.exists() and _DOVECOT.exists() and os.geteuid() == 0):
        pytest.skip("needs Debian's Postfix and Dovecot with LMTP, and root: make mailservers")
    with tempfile.TemporaryDirectory(prefix="digest-town-", ignore_cleanup_errors=True) as name:
        place = Town(free_port(), free_port(), Path(name))
        _write(place, people)
        dovecot = subprocess.Popen(["dovecot", "-F", "-c", place.folder / "dovecot.conf"])
        postfix = ["postfix", "-c", str(place.folder / "postfix")]
        try:
            subprocess.run([*postfix, "start"], check=True, capture_output=True)
            assert _comes_true(lambda: _answers(place.port) and _answers(place.imap_port)), place._logs()
            yield place
        finally:
            subprocess.run([*postfix, "stop"], check=False, capture_output=True)
            dovecot.terminate()
            dovecot.wait()


def _write(place: Town, people: tuple[str, ...]) -> None:
    place.folder.chmod(0o755)
    values = {"folder": place.folder, "password": _PASSWORD}
    for name in ("postfix", "queue", "data", "dovecot", "mailboxes"):
        (place.folder / name).mkdir()
    os.chown(place.folder / "data", pwd.getpwnam("postfix").pw_uid, 0)
    os.chown(place.folder / "mailboxes", pwd.getpwnam("nobody").pw_uid, 0)
    (place.folder / "people").write_text(
        "".join(f"{person}@example.org x\n" for person in people), encoding="utf-8"
    )
    (place.folder / "postfix" / "main.cf").write_text(_MAIN.format(**values))
    (place.folder / "postfix" / "master.cf").write_text(_MASTER.format(port=place.port))
    (place.folder / "dovecot.conf").write_text(_DOVECOT_CONF.format(port=place.imap_port, **values))


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _comes_true(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
