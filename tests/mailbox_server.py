"""A real IMAP server: Debian's Dovecot, on loopback, over a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mail_servers import free_port

USER, PASSWORD = "bounces@example.org", "an-invented-password"
_SECONDS = 20.0

_CONFIG = """\
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail allow_all_users=yes
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
"""


@dataclass(frozen=True, slots=True)
class MailboxServer:
    """Where it listens, and its mails on disk (a Maildir)."""

    port: int
    maildir: Path

    def deliver(self, name: str, data: bytes) -> None:
        """Put a mail into the inbox."""
        path = self.maildir / "tmp" / name
        path.write_bytes(data)
        path.chmod(0o644)
        path.rename(self.maildir / "new" / name)

    def clear(self) -> None:
        """Take every mail out of it."""
        for part in ("cur", "new"):
            for path in (self.maildir / part).iterdir():
                path.unlink()

    def flags(self) -> dict[str, str]:
        """The flags of each mail: S is seen, F flagged, by the letters of Maildir."""
        found = [*(self.maildir / "cur").iterdir(), *(self.maildir / "new").iterdir()]
        parts = (path.name.partition(":2,") for path in found)
        return {name.partition(",")[0]: flags for name, _, flags in parts}


@contextmanager
def mailbox_server() -> Iterator[MailboxServer]:
    """A server while the block lasts; the test is skipped where Dovecot cannot be run."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None or os.geteuid() != 0:
        pytest.skip("needs Debian's dovecot-imapd, and root: make mailservers")
    with tempfile.TemporaryDirectory(prefix="digest-mailbox-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        nobody = pwd.getpwnam("nobody").pw_uid
        for part in ("mail", "mail/cur", "mail/new", "mail/tmp"):
            (folder / part).mkdir()
            os.chown(folder / part, nobody, 0)
        place = MailboxServer(free_port(), folder / "mail")
        config = folder / "dovecot.conf"
        config.write_text(_CONFIG.format(folder=folder, password=PASSWORD, port=place.port), encoding="utf-8")
        server = subprocess.Popen([program, "-F", "-c", config])
        try:
            assert _is_up(place.port), (folder / "dovecot.log").read_text()
            yield place
        finally:
            server.terminate()
            server.wait()


def _is_up(port: int) -> bool:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(4) == b"* OK":
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
