"""A mistake in a template stops what it would spoil, says where it is, and leaves the issue where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import store
from digest.errors import NotFoundError, TemplateError
from digest.model import IssueId, IssueState
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail.send import send, sent
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed

MISTAKES = {
    "email/foot.mjml.j2": [
        ("<p>{{ nowhere }}</p>", r"email/foot\.mjml\.j2, line 1: .*nowhere"),
        ("<p>fine</p>\n{% endif %}", r"email/foot\.mjml\.j2, line 2: "),
        ("<p>fine</p>\n<p>open", r"</mj-text> stands where <p> is still open \(.*foot\.mjml\.j2, line 2\)"),
        ("<p>fine</p>\n<mj-foot>x</mj-foot>", r"foot\.mjml\.j2, line 2: MJML knows no <mj-foot>"),
        ("<p>fine</p>\n" + "<mj-wrapper>" * 20_000, r"foot\.mjml\.j2, line 2: "),
    ]
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path, publish='templates_dir = "mine"') as place:
        (tmp_path / "mine" / "email").mkdir(parents=True)
        place.blog.write("sluice", "weir", at=NOW)
        place.subscribe("ada@example.org")
        yield place


def published(home: Installation) -> IssueId:
    collect(home, Clock(), everything=True)
    issue = draft(home, "weekly", NOW).issue.id
    approve(home, issue, NOW)
    publish(home, issue, SLOT)
    return issue


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [(name, text, place) for name, each in MISTAKES.items() for text, place in each],
)
def test_a_mistake_keeps_a_send_from_beginning(name: str, text: str, place: str, here: Place) -> None:
    """No row of the ledger, no rendering, no mail; once it is mended, everybody gets the issue."""
    with here.opened() as home:
        issue = published(home)
    (here.folder / "mine" / name).write_text(text, encoding="utf-8")
    with here.opened() as home:
        with pytest.raises(TemplateError, match=place):
            send(home, issue, Clock(SLOT))
        assert home.issue(issue).state is IssueState.PUBLISHED
        with pytest.raises(NotFoundError, match="is not being sent"):
            sent(home, issue)
        with reading(home.engine) as connection:
            assert store.issues.renderings(connection, issue, 1) == ()
    assert here.recipients() == []
    (here.folder / "mine" / name).unlink()
    with here.opened() as home:
        send(home, issue, Clock(SLOT))
    assert here.recipients() == ["ada@example.org"]
