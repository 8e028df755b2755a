"""A folder in the place of a relay: one file for each row, whole or not at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deliver_samples import NOW, rendering, sample_letterhead
from digest.deliver.folder import Folder, file_name
from digest.deliver.ledger import Accepted, Outcome, Withheld
from digest.deliver.message import letter
from digest.deliver.waits import at_once
from digest.errors import RelayError
from digest.model import Message


def message(subscriber: int = 42, address: str = "reader@example.org") -> Message:
    return letter(rendering(), sample_letterhead(), subscriber, address, NOW)


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def keep(folder: Path, mail: Message, before_body: Callable[[], Awaitable[bool]] = yes) -> Outcome:
    return at_once(Folder(folder).send(mail, before_body))


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_message_becomes_a_file_with_its_very_bytes(tmp_path: Path) -> None:
    """The file can be opened by any mail program; the reply says where it is."""
    outcome = keep(tmp_path / "var" / "outbox", message())
    (path,) = files(tmp_path / "var" / "outbox")
    assert outcome == Accepted(f"written to {path}")
    assert path.read_bytes() == message().data
    assert path.name.startswith("weekly.2026-11-22.")
    assert path.suffix == ".eml"


def test_the_same_row_always_writes_the_same_file(tmp_path: Path) -> None:
    """Trying again makes no second copy; another row has a file of its own."""
    for _ in range(3):
        keep(tmp_path, message())
    keep(tmp_path, message(43))
    assert len(files(tmp_path)) == 2


def test_a_no_of_the_ledger_writes_nothing(tmp_path: Path) -> None:
    """The question comes before the first byte, here as with a relay."""
    assert keep(tmp_path, message(), no) == Withheld()
    assert files(tmp_path) == []


def test_a_crash_while_writing_leaves_no_message_behind(tmp_path: Path) -> None:
    """Whatever is in the folder under its name is whole."""
    target = tmp_path / file_name(message())
    target.mkdir()  # the rename cannot succeed
    with pytest.raises(RelayError, match=r"cannot be written.*Make room or set another"):
        keep(tmp_path, message())
    assert files(tmp_path) == [target]


def test_a_folder_that_cannot_be_made_is_said_at_once(tmp_path: Path) -> None:
    """Before anything is claimed as sent."""
    (tmp_path / "outbox").write_text("a file is in the way")
    with pytest.raises(RelayError, match="outbox"):
        at_once(Folder(tmp_path / "outbox").open())


@pytest.mark.parametrize(
    "message_id",
    [
        "<../../etc/passwd@example.org>",
        "<a/b\\c\0d@example.org>",
        "<..@example.org>",
        "",
        "<" + "x" * 900 + "@y>",
    ],
)
def test_a_message_id_cannot_lead_out_of_the_folder(tmp_path: Path, message_id: str) -> None:
    """File names hold letters, digits, dots and dashes, and are short."""
    odd = Message("news@example.org", "reader@example.org", message_id, b"x\r\n")
    keep(tmp_path / "outbox", odd)
    (path,) = files(tmp_path / "outbox")
    assert len(path.name) < 130
    assert files(tmp_path) == [tmp_path / "outbox"]
