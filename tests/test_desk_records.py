"""What is looked up at the desk: all issues, all sends, and the log by who, what, to what and when."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from desk import Browser, Desk, desk_of
from digest import store
from digest.model import Editor, IssueId, Role
from digest.pipeline.drafts import draft
from digest.pipeline.issues import publish
from digest.pipeline.mail import send as mailing
from digest.pipeline.posts import collect
from digest.store.database import transaction
from digest.web.desk import records
from installation import NOW, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        place.blog.write("mill", at=NOW - timedelta(hours=1))
        place.subscribe("ada@hollin.test")
        with desk_of(place) as desk:
            yield desk


@pytest.fixture(scope="module")
def admin(desk: Desk) -> Browser:
    return desk.browser(Role.ADMIN)


@pytest.fixture(scope="module")
def written(desk: Desk, admin: Browser) -> Editor:
    """An editor who has done three things, on Friday and on Saturday."""
    tam = desk.editor(Role.VIEWER, address="tam@hollin.test")
    with transaction(desk.installation.engine) as connection:
        store.audit.add(connection, tam, "edit", "weekly/2026-11-22", NOW, "=1+1")
        store.audit.add(connection, tam, "approve", "weekly/2026-11-22", NOW)
        store.audit.add(connection, tam, "edit", "weekly/2026-11-29", NOW + timedelta(days=1))
    return tam


def shown(page: str) -> list[tuple[str, str]]:
    """What each row of the log says was done, and to what."""
    rows = page.partition("<tbody>")[2].split("<tr>")[1:]
    cells = [[cell.partition("</td>")[0] for cell in row.split("<td>")[1:]] for row in rows]
    return [(row[2], row[3].replace("<bdi>", "").replace("</bdi>", "")) for row in cells]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("who=tam@hollin.test&action=edit", ["weekly/2026-11-29", "weekly/2026-11-22"]),
        ("subject=weekly/2026-11-22", ["weekly/2026-11-22", "weekly/2026-11-22"]),
        ("subject=weekly/2026-11-22&action=approve", ["weekly/2026-11-22"]),
        ("who=tam@hollin.test&since=2026-11-21", ["weekly/2026-11-29"]),
        ("who=tam@hollin.test&action=edit&until=2026-11-20", ["weekly/2026-11-22"]),
        ("who=nobody", []),
    ],
)
def test_the_log_is_searched(admin: Browser, written: Editor, query: str, expected: list[str]) -> None:
    """By who, what, to what, and when; the last day is whole."""
    assert [subject for _, subject in shown(admin.get(f"log?{query}").text)] == expected


def test_what_is_searched_is_exported(admin: Browser, written: Editor) -> None:
    """As CSV in which nothing runs, and as JSON Lines with every field."""
    query = "who=tam@hollin.test&action=edit"
    rows = list(csv.reader(io.StringIO(admin.get(f"log.csv?{query}").text)))
    assert [row[3] for row in rows[1:]] == ["weekly/2026-11-22", "weekly/2026-11-29"]
    assert rows[1][4] != "=1+1"
    lines = [json.loads(line) for line in admin.get(f"log.jsonl?{query}").text.splitlines()]
    assert [(line["subject"], line["detail"], line["editor"]) for line in lines] == [
        ("weekly/2026-11-22", "=1+1", written.id),
        ("weekly/2026-11-29", "", written.id),
    ]
    assert f"log.csv?{query.replace('@', '%40').replace('&', '&amp;')}" in admin.get(f"log?{query}").text


def test_a_day_that_is_none_is_one_sentence(admin: Browser) -> None:
    """Whatever it is."""
    for day in ("soon", "9999-12-31x", "2026-13-01"):
        assert "is no day" in admin.get(f"log?since={day}").text
    assert admin.get("log?until=9999-12-31").status_code == 409
    assert admin.get("log?before=-5").ok


def test_issues_and_sends_are_listed_the_latest_first(
    desk: Desk, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its state and where it leads; page by page."""
    assert "None yet" in admin.get("issues").text
    assert "Nothing was sent yet" in admin.get("deliveries").text
    list(collect.collect(desk.installation, desk.clock))
    draft.draft(desk.installation, "weekly", desk.clock())
    title = desk.installation.issue(SUNDAY).document.title
    page = admin.get("issues").text
    assert title in page
    assert "not sent" in page
    publish.approve(desk.installation, SUNDAY, desk.clock())
    publish.publish(desk.installation, SUNDAY, desk.clock())
    mailing.request(desk.installation, SUNDAY, desk.clock())
    sends = admin.get("deliveries").text
    assert f"deliveries/{SUNDAY}" in sends
    assert "running" in sends
    monkeypatch.setattr(records, "_ISSUES", 1)
    assert "Earlier ones" not in admin.get("issues").text
    assert "None yet" in admin.get(f"issues?before={SUNDAY}").text
    assert admin.get("issues?before=nothing").status_code in (404, 409)
