"""What waits for a person → the notices that tell of it where nobody looks at the desk: few, each once, none repeated in haste."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.desk.rights import Act
from digest.desk.today import Need, Urgency
from digest.masks import veiled
from digest.model import Notice, NoticeKind, NoticeState

OF_USE = timedelta(days=3)  # after this, whoever did not hear of it has looked
PATIENCE = timedelta(days=2)  # with a source: most are back by then
NOTHING_POLLED = timedelta(hours=6)
_MOST_SOURCES = 10
_LONGEST = 1_000  # characters of a sentence

# To whom it is mailed; of what waits for an approval editors are told with the draft itself (``desk.mail``).
CONCERNS: Mapping[NoticeKind, Act] = {
    NoticeKind.DOUBT: Act.SEND,
    NoticeKind.STOPPED: Act.SEND,
    NoticeKind.MACHINE: Act.MANAGE,
    NoticeKind.SOURCE: Act.EDIT,
    NoticeKind.TRIAL: Act.MANAGE,
}
SUBJECTS: Mapping[NoticeKind, str] = {
    NoticeKind.DOUBT: "Mail is in doubt",
    NoticeKind.STOPPED: "A send has stopped",
    NoticeKind.MACHINE: "The machine needs a look",
    NoticeKind.LATE: "An issue should have been approved",
    NoticeKind.WAITING: "An issue waits for approval",
    NoticeKind.SOURCE: "Sources need a look",
    NoticeKind.TRIAL: "A trial",
}
_KINDS = {
    Urgency.DOUBT: NoticeKind.DOUBT,
    Urgency.STOPPED: NoticeKind.STOPPED,
    Urgency.LATE: NoticeKind.LATE,
    Urgency.WAITING: NoticeKind.WAITING,
}


def notices(
    needs: Iterable[Need], machine: Iterable[str], outbox_in_doubt: int, desk: str, now: datetime
) -> Iterator[Notice]:
    """What is to be told now; whoever stores it keeps the first of each key.

    What stands still is told once a day for as long as it does, an approval once, sources once a week together.

    Args:
        machine: sentences on what the machine lacks.
        outbox_in_doubt: mails of the Outbox that wait for a person's word.
        desk: the address of the desk, ``https://…/desk/``.
    """
    needs = tuple(needs)
    for need in needs:
        if need.urgency in _KINDS:
            yield _of_need(need, desk, now)
    if outbox_in_doubt:
        mails = "1 mail" if outbox_in_doubt == 1 else f"{outbox_in_doubt} mails"
        text = f"{mails} of the Outbox in doubt: digest outbox list --state in_doubt"
        yield _notice(NoticeKind.DOUBT, f"outbox:{now:%Y-%m-%d}", text, desk, now)
    for text in machine:
        yield _notice(NoticeKind.MACHINE, f"{text.partition(':')[0]}:{now:%Y-%m-%d}", text, desk, now)
    yield from _of_sources([need for need in needs if need.urgency is Urgency.SOURCE], desk, now)


def trial(desk: str, now: datetime) -> Notice:
    """A notice that says only that it has arrived."""
    text = "This is a trial of the notices of digest: nothing needs you."
    return _notice(NoticeKind.TRIAL, f"{now.isoformat()}", text, desk, now)


def only_mailed(notice: Notice) -> Notice:
    """A notice that no webhook is to bring: its row says that it was told."""
    return replace(notice, state=NoticeState.TOLD, next_try_at=None, settled_at=notice.created_at)


def _of_need(need: Need, desk: str, now: datetime) -> Notice:
    kind = _KINDS[need.urgency]
    daily = kind in (NoticeKind.DOUBT, NoticeKind.STOPPED)
    key = f"{need.path}:{now:%Y-%m-%d}" if daily else need.path
    return _notice(kind, key, need.sentence, desk + need.path, now)


def _of_sources(needs: Sequence[Need], desk: str, now: datetime) -> Iterator[Notice]:
    lasting = [need for need in needs if need.since is None or now - need.since > PATIENCE]
    if lasting:
        told = [need.sentence for need in lasting[:_MOST_SOURCES]]
        if more := len(lasting) - len(told):
            told.append(f"And {more} more.")
        week = f"{now:%G-W%V}"
        yield _notice(NoticeKind.SOURCE, week, "\n".join(told), f"{desk}sources", now)


def _notice(kind: NoticeKind, about: str, text: str, url: str, now: datetime) -> Notice:
    """With nothing of a person in it: a relay's words, which it may hold, often name one."""
    said = veiled(text)[: _LONGEST * _MOST_SOURCES if kind is NoticeKind.SOURCE else _LONGEST]
    return Notice(f"{kind}:{about}", kind, said, url, now, now + OF_USE, next_try_at=now)


# ── the machine ──────────────────────────────────────────────────────────────────────────────────


def lacks(
    last_poll: datetime | None, due_since: datetime | None, full: Iterable[str], now: datetime
) -> Iterator[str]:
    """What the machine lacks: a sentence for each, which begins with a word of its own and a colon.

    Args:
        last_poll: when any source was last polled.
        due_since: since when the oldest source that is due has been so.
        full: folders whose disks have no room.
    """
    if due_since and now - due_since > NOTHING_POLLED and (not last_poll or now - last_poll > NOTHING_POLLED):
        since = f"{last_poll:%Y-%m-%d %H:%M} UTC" if last_poll else "the beginning"
        yield f"collecting: no source was polled since {since}, although some are due; see the log of digest."
    for folder in full:
        yield f"disk: there is hardly any room at {folder}; digest sends nothing that it cannot note."
