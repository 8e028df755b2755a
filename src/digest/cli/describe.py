"""Issues, sources and sends as text for a person and as data for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from digest import codec, store
from digest.assemble import window
from digest.assemble.steps import goes_out, next_step
from digest.model import (
    Delivery,
    DeliveryState,
    Group,
    Issue,
    IssueDocument,
    IssueState,
    Note,
    QuoteOrigin,
    Send,
    SendState,
)
from digest.pipeline.drafts.draft import new_since_edit
from digest.pipeline.installation import Installation
from digest.pipeline.mail.send import Sent
from digest.settings import DigestSettings
from digest.store.database import reading
from digest.text.times import rfc3339

_IS = {state: state.value for state in IssueState} | {IssueState.DRAFT: "a draft"}


def _sending(
    installation: Installation, issue: Issue
) -> tuple[Send | None, dict[str, int], tuple[Delivery, ...]]:
    """The send of an issue, its rows by state (those there are), and its rows in doubt."""
    with reading(installation.engine) as connection:
        send = store.deliveries.send(connection, issue.id)
        counts = store.deliveries.counts(connection, issue.id) if send else {}
        doubtful = store.deliveries.rows(connection, issue.id, DeliveryState.IN_DOUBT) if send else ()
    return send, {state.value: count for state, count in counts.items() if count}, doubtful


def standing(installation: Installation, issue: Issue, now: datetime) -> str:
    """Where an issue stands and what comes next, in a sentence or two."""
    send, _, _ = _sending(installation, issue)
    step = next_step(issue, installation.digest(issue.id.digest), send, now)
    return f"{issue.id} is {_IS[issue.state]}. {step.why}"


def issue_data(installation: Installation, issue: Issue, now: datetime) -> dict[str, Any]:
    """An issue for a program: its state, what comes next, its send, and the document."""
    send, counts, doubtful = _sending(installation, issue)
    digest = installation.digest(issue.id.digest)
    return {
        "id": str(issue.id),
        "state": issue.state.value,
        "number": issue.document.number,
        "version": issue.version,
        "next": next_step(issue, digest, send, now).why,
        "approved_at": rfc3339(issue.approved_at),
        "published_at": rfc3339(issue.published_at),
        "skipped_why": issue.skipped_why,
        "send": send and {"state": send.state.value, "why": send.why, "deliveries": counts},
        "in_doubt": [row.address for row in doubtful],
        **({} if issue.published_at else _before_it_goes_out(installation, issue, digest, now)),
        "document": codec.to_data(IssueDocument, issue.document),
    }


def _before_it_goes_out(
    installation: Installation, issue: Issue, digest: DigestSettings, now: datetime
) -> dict[str, Any]:
    """What an editor goes by: how often it was changed, its times, what holds it, and what is not in it."""
    return {
        "edit": issue.edit,
        "goes_out_at": rfc3339(goes_out(issue, digest)),
        "review_by": rfc3339(window.review_by(digest, issue.id.slot)),
        "held": issue.held,
        "new_since_edit": [
            {"post": post.key, "title": post.title, "url": post.url, "first_seen": rfc3339(post.first_seen)}
            for post in new_since_edit(installation, issue, now)
        ],
    }


def describe_issue(installation: Installation, issue: Issue, now: datetime) -> str:
    """An issue as an editor reads it on a terminal."""
    return "\n".join(_lines(installation, issue, now))


def _lines(installation: Installation, issue: Issue, now: datetime) -> Iterator[str]:
    document = issue.document
    number = f" · No. {document.number}" if document.number else ""
    yield f"{issue.id}{number} · {document.title}"
    yield f"Subject: {document.subject}"
    if document.introduction:
        yield ""
        yield document.introduction
    yield from _notes(document.notes, "")
    for group in document.groups:
        yield ""
        yield from _group(group, document.quote_of_the_week)
        yield from _notes(document.notes, group.anchor)
    for title, listed in (("NEW VIDEOS", document.new_videos), ("ALSO PUBLISHED", document.also_published)):
        if listed:
            yield ""
            yield title
            yield from (f"  {post.title} ({post.source_title})" for post in listed)
    yield from _edits(installation, issue)
    if new := new_since_edit(installation, issue, now):
        yield ""
        yield f"NEW SINCE YOU EDITED, and not in it (digest edit {issue.id} --add URL)"
        yield from (f"  {post.title} ({post.url})" for post in new)
    yield ""
    yield from _ledger(installation, issue)
    yield standing(installation, issue, now)


def _notes(notes: Iterable[Note], group: str) -> Iterator[str]:
    """What editors added at the head of a group, or before all of them, with the ids by which it is taken out."""
    for note in notes:
        if note.group == group:
            link = f"{note.title} <{note.url}>" if note.url else ""
            yield f"  ✎ {' '.join(filter(None, (link, note.text)))} ({note.id})"


def _edits(installation: Installation, issue: Issue) -> Iterator[str]:
    """What editors have changed so far."""
    with reading(installation.engine) as connection:
        edits = store.issues.edits(connection, issue.id)
    if edits:
        yield ""
        yield "EDITS"
    for edit in edits:
        yield f"  {edit.number} · {edit.at:%Y-%m-%d %H:%M} UTC · {' '.join(edit.changes)}"


def _group(group: Group, best: str) -> Iterator[str]:
    yield group.title.upper()
    for pick in group.picks:
        pin = "⚑ " if pick.pinned else ""
        yield f"  {pin}{pick.title} ({pick.source_title}, {pick.published:%Y-%m-%d})"
        yield f"    why: {pick.why}"
        for printed in pick.quotes:
            star = "★ " if printed.id == best else ""
            speaker = f" — {printed.quote.speaker}" if printed.quote.speaker else ""
            prose = " (in its prose)" if printed.quote.origin is QuoteOrigin.PROSE else ""
            yield f"    {star}“{printed.quote.text}”{speaker}{prose}"
        yield from (f"    ▶ {shown.video.title or shown.video.url} ({shown.why})" for shown in pick.videos)
        yield from (f"    → {shown.link.title} ({shown.why})" for shown in pick.related_posts)


def _ledger(installation: Installation, issue: Issue) -> Iterator[str]:
    send, counts, doubtful = _sending(installation, issue)
    if send is None:
        return
    yield f"Mail: {_counted(counts)}."
    for row in doubtful:
        yield f"  in doubt: {row.address} ({row.reply}) → digest settle {issue.id} {row.address} sent|resend"


def describe_send(result: Sent) -> str:
    """What a run of a send did, and what is left, in a few lines."""
    lines = [f"{result.send.issue}: {_counted(result.counts)}. The send is {result.send.state}."]
    if result.next_try_at:
        due = rfc3339(result.next_try_at)
        lines.append(f"The relay put some off; due again at {due}: run this again then, or digest run.")
    if result.counts.get(DeliveryState.IN_DOUBT):
        lines.append(
            f"Some are in doubt and are not sent again by themselves: digest show {result.send.issue}"
        )
    return "\n".join(lines)


def unfinished(result: Sent) -> str:
    """Why a send did not come to its end, and what to do, in a sentence or two."""
    issue = result.send.issue
    paused = result.send.state is SendState.PAUSED
    then = f"digest resume {issue}, and digest send {issue}" if paused else f"digest send {issue}"
    why = result.problem.rstrip(".")
    return f"{issue} is not sent to everybody yet ({_counted(result.counts)}): {why}. Then: {then}"


def _counted(counts: Mapping[DeliveryState, int] | Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "nobody to send it to"


def send_data(result: Sent) -> dict[str, Any]:
    """A send for a program."""
    return {
        "issue": str(result.send.issue),
        "state": result.send.state.value,
        "deliveries": {state.value: count for state, count in result.counts.items() if count},
        "moved": {state.value: count for state, count in result.moved.items() if count},
        "problem": result.problem,
        "next_try_at": rfc3339(result.next_try_at),
    }
