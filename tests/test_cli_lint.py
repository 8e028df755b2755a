"""`digest lint`: an issue against the rules, its links really asked, its quotes looked up in what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

import loopback
from digest.model import IssueId
from digest.pipeline.issues.preflight import preflight
from digest.store.database import transaction
from installation import NOW, Blog, Place, Ran, installed

SHIPPED = Path(__file__).parents[1] / "templates"


@contextmanager
def site(folder: Path, **answers: str) -> Iterator[tuple[Place, loopback.Server]]:
    """An installation that follows a blog whose posts can be opened; ``answers`` says how a post answers, if not well."""
    blog = Blog()
    blog.write("flood", "mill", at=datetime.now(UTC))

    def answer(request: loopback.Request) -> None:
        name = request.path.strip("/")
        if name == "feed":
            body = blog.body.replace(b"https://hollin.test/", server.url("/").encode())
            request.send(loopback.response(body, content_type="application/atom+xml"))
        else:
            request.send(loopback.response(b"<p>A post.</p>", answers.get(name, "200 OK")))

    (folder / "mine" / "email").mkdir(parents=True)
    changes = {"publish": 'templates_dir = "mine"'}
    with loopback.serve(answer) as server, installed(folder, **changes) as place:
        place.configure(feed=server.url("/feed"), endpoint=server.endpoint, **changes)
        yield place, server


def found(ran: Ran) -> list[tuple[int, str, str]]:
    """(rule, severity, where) of what was found, without the notes."""
    findings = ran.data["findings"]
    assert isinstance(findings, list)
    seen = [(each["rule"], each["severity"], each["where"]) for each in findings]
    return [each for each in seen if each[1] != "note"]


def rewrite(place: Place, name: str, old: str, new: str) -> None:
    """Put a changed copy of a template of ours into the user's folder."""
    source = (SHIPPED / name).read_text(encoding="utf-8")
    assert old in source
    (place.folder / "mine" / name).write_text(source.replace(old, new, 1), encoding="utf-8")


def test_an_issue_in_order_exits_0(tmp_path: Path) -> None:
    """Each post is asked once; what is said is for people, and ends with the count."""
    with site(tmp_path) as (here, server):
        issue = here.drafted()
        server.requests.clear()
        ran = here.done("lint", issue)
        assert sorted(request.path for request in server.requests) == ["/flood", "/mill"]
        assert f"{issue}: errors: 0, warnings: 0; 4 links asked." in ran.out.splitlines()


def test_a_dead_link_is_an_error_and_one_closed_to_programs_a_warning(tmp_path: Path) -> None:
    """A page that is gone exits 1; one that refuses us may still open for people."""
    with site(tmp_path, flood="404 Not Found", mill="403 Forbidden") as (here, server):
        ran = here.digest("lint", here.drafted(), "--json")
        expected = [
            (19, "error", f"link {server.url('/flood')}"),
            (19, "warning", f"link {server.url('/mill')}"),
        ]
        assert (ran.code, sorted(found(ran))) == (1, expected)
        assert (ran.data["errors"], ran.data["warnings"]) == (1, 1)


def test_without_links_nobody_is_asked(tmp_path: Path) -> None:
    """For a train, and for a build server."""
    with site(tmp_path, flood="404 Not Found") as (here, server):
        issue = here.drafted()
        server.requests.clear()
        assert found(here.done("lint", issue, "--no-links", "--json")) == []
        assert server.requests == []


def test_a_template_that_breaks_rules_is_told_by_their_numbers(tmp_path: Path) -> None:
    """Whatever an operator writes into a template of their own."""
    with site(tmp_path) as (here, _):
        issue = here.drafted()
        rewrite(
            here,
            "email/masthead.mjml.j2",
            "\n",
            '\n<img src="https://pixels.example.net/a.gif"><script>1</script>',
        )
        ran = here.digest("lint", issue, "--no-links", "--json")
        numbers = {(rule, severity) for rule, severity, _ in found(ran)}
        assert ran.code == 1
        assert {(20, "error"), (20, "warning"), (22, "error")} <= numbers


def test_every_quote_that_is_not_in_its_source_any_more_is_named(tmp_path: Path) -> None:
    """Rule 25 looks at what is stored, quote by quote, and not only up to the first."""
    with site(tmp_path) as (here, _):
        issue = here.drafted()
        with here.opened() as installation, transaction(installation.engine) as connection:
            connection.execute(text("UPDATE revisions SET text = 'Other words.'"))
        ran = here.digest("lint", issue, "--no-links", "--json")
        assert ran.code == 1
        assert [(rule, severity) for rule, severity, _ in found(ran)] == [(25, "error")] * 2


def test_preflight_refuses_what_sending_would_refuse(tmp_path: Path) -> None:
    """Asked at approval, it says every reason while there is time; an issue in order passes."""
    with site(tmp_path) as (here, _):
        issue = IssueId.parse(here.drafted())
        with here.opened() as installation:
            preflight(installation, installation.issue(issue), NOW)
        rewrite(here, "email/masthead.mjml.j2", "\n", "\n<form></form>")
        refused = here.digest("approve", issue)
        assert (refused.code, refused.out) == (1, "")
        assert f"The mail of {issue} is not fit to leave. 22: HTML part: a <form>" in refused.err
        assert here.done("show", issue, "--json").data["state"] == "draft"


@pytest.mark.parametrize("name", ["weekly/2020-01-05", "monthly/2020-01-05", "nonsense"])
@pytest.mark.parametrize("command", ["lint", "preview"])
def test_an_unknown_issue_is_one_sentence(tmp_path: Path, command: str, name: str) -> None:
    """It exits 1, and says how issues are named or made."""
    with installed(tmp_path) as here:
        ran = here.digest(command, name)
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1


def test_a_broken_template_is_one_sentence_with_its_line(tmp_path: Path) -> None:
    """Nothing can be held against the rules that cannot be made."""
    with site(tmp_path) as (here, _):
        issue = here.drafted()
        rewrite(here, "email/masthead.mjml.j2", "\n", "\n{{ nonsense }}\n")
        ran = here.digest("lint", issue, "--no-links")
    assert (ran.code, ran.out) == (1, "")
    assert "masthead.mjml.j2, line 2: 'nonsense' is undefined." in ran.err
