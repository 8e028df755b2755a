"""The verb ``redact``: nothing of what was removed is left anywhere, readers see that, and it does not come back."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import brotli
import feedparser
import pytest
from sqlalchemy import text

from digest import store
from digest.assemble.editing import Change
from digest.errors import DigestError, NotFoundError, TemplateError
from digest.model import IssueId, IssueState
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.editing import edit
from digest.pipeline.drafts.extra import Wishes, draft_extra
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.issues.redact import Redacted, Request, redact
from digest.pipeline.mail.send import send
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from digest.store.schema import metadata
from digest.text.blackout import INK
from installation import NOW, Clock, Place, installed_for

SUNDAY = IssueId("weekly", date(2026, 11, 22))
HOUR = timedelta(hours=1)
WEIR = "https://hollin.test/weir"
INES = Request(names=("Ines Varga",))
SAID = "Nobody in Hollin asked the weir about the water before it was gone."
REMOVED = "removed on request, November 20, 2026"
MAILED = ("inbox", "config.toml", "people.csv")  # what is no copy of ours, or the operator's own


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On SQLite, and on the database of a test that uses ``database_url``."""
    with installed_for(request, tmp_path / "home") as place:
        place.blog.write("sluice", "weir", at=NOW)
        yield place


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()


@pytest.fixture
def home(_folder: None, here: Place) -> Iterator[Installation]:
    """An installation with a published issue, edited by hand before."""
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        draft(installation, "weekly", NOW)
        said = Change(title="What Ines Varga said", introduction="A week with INES VARGA and the water.")
        edit(installation, SUNDAY, said, NOW)
        approve(installation, SUNDAY, NOW)
        publish(installation, SUNDAY, NOW)
        yield installation


def left(here: Place, home: Installation, *words: str) -> list[str]:
    """Where any of the words stand: files, what is inside compressed ones, and every column of the database."""
    found = [
        path.relative_to(here.folder).as_posix()
        for path in sorted(here.folder.rglob("*"))
        if path.is_file() and not set(MAILED) & set(path.relative_to(here.folder).parts)
        if any(word.casefold() in _content(path) for word in words)
    ]
    with reading(home.engine) as connection:
        for table in metadata.tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                told = " ".join(map(_shown, row)).casefold()
                found += [table for word in words if word.casefold() in told]
    return found


def _content(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".br":
        data = brotli.decompress(data)
    return data.decode("utf-8", errors="replace").casefold()


def _shown(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def page(here: Place) -> str:
    return (here.feeds / "weekly/2026-11-22/index.html").read_text()


def asked(home: Installation, request: Request = INES) -> Redacted:
    return redact(home, request, NOW + HOUR)


# ── nothing is left ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_name_is_left_nowhere(here: Place, home: Installation) -> None:
    """Not in the tree, in no compressed file, in no column, and not in the database's own files."""
    assert {"feeds/weekly/atom.xml.br", "feeds/weekly/2026-11-22/index.html.gz"} <= set(
        left(here, home, "Varga")
    )
    done = asked(home)
    assert (done.removed, done.posts) == (0, 2)
    assert left(here, home, "Varga", "Ines") == []


def test_mails_that_stand_as_files_go_with_it(here: Place) -> None:
    """Until mail is live every copy is a file; those of other issues stay, and a look before removes none."""
    here.configure(live="false")
    here.subscribe("ada@example.org", "bo@example.org")
    issue = here.published()
    here.done("send", issue)
    outbox = here.folder / "var" / "outbox"
    other = outbox / "weekly.2020-01-05.0123.eml"
    other.write_bytes(b"Subject: long ago\r\n\r\n")
    with here.opened() as home:
        assert redact(home, INES, NOW + HOUR, dry_run=True).files == 2
        assert len(list(outbox.iterdir())) == 3
        assert asked(home).files == 2
    assert list(outbox.iterdir()) == [other]


def test_control_without_scrubbing_the_database_file_keeps_the_name(
    here: Place, home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: an overwritten row lives on in a free page, or in the write-ahead log."""
    monkeypatch.setattr(store.redactions, "scrub", lambda _: None)
    asked(home)
    assert any(path.startswith("var/digest.db") for path in left(here, home, "Varga"))


def test_readers_see_that_something_was_removed_and_when(here: Place, home: Installation) -> None:
    """In its place, and in a dated note; the same id, a later ``updated``; who quotes what else is still there."""
    before = feedparser.parse((here.feeds / "weekly/atom.xml").read_bytes()).entries[0]
    asked(home)
    after = feedparser.parse((here.feeds / "weekly/atom.xml").read_bytes()).entries[0]
    assert (after.id, after.published, after.updated) == (
        before.id,
        before.published,
        "2026-11-20T09:00:00+00:00",
    )
    assert after.title == f"What [{REMOVED}] said"
    assert f"A week with [{REMOVED}] and the water." in page(here)
    assert REMOVED.capitalize().replace("november", "November") in page(here)
    assert SAID in page(here)


def test_a_quote_goes_whole_and_the_others_stay(here: Place, home: Installation) -> None:
    """By its words, in any case, or by the id under which it is printed."""
    quoted = {pick.url: pick.quotes[0] for pick in home.issue(SUNDAY).document.picks}
    asked(home, Request(quotes=(SAID.upper(),)))
    assert left(here, home, SAID) == []
    other = "Nobody in Hollin asked the sluice"
    assert other in page(here)
    asked(home, Request(quotes=(quoted["https://hollin.test/sluice"].id,)))
    assert left(here, home, other) == []
    assert [pick.quotes for pick in home.issue(SUNDAY).document.picks] == [(), ()]
    with pytest.raises(NotFoundError, match="No issue prints a quote q-nowhere"):
        asked(home, Request(quotes=("q-nowhere",)))


def test_a_post_goes_whole(here: Place, home: Installation) -> None:
    """With its address and its id; the rest of the issue stays."""
    done = asked(home, Request(posts=(WEIR,)))
    assert (done.removed, done.posts) == (1, 0)
    assert left(here, home, "the weir", "hollin.test/weir") == []
    assert [pick.url for pick in home.issue(SUNDAY).document.picks] == ["https://hollin.test/sluice"]
    assert REMOVED.capitalize().replace("november", "November") in page(here)


def test_a_source_goes_with_all_its_posts(here: Place, home: Installation) -> None:
    """It is polled and listed no more, although config.toml still names it."""
    asked(home, Request(sources=("hollin",)))
    assert left(here, home, "the weir", "sluice", "Mill Lane") == []
    assert here.server.endpoint not in (here.feeds / "weekly/sources.opml").read_text()
    assert collect(home, Clock(NOW + HOUR), everything=True) == ()
    with here.opened(NOW + HOUR) as again:
        assert collect(again, Clock(NOW + HOUR), everything=True) == ()
        assert draft(again, "weekly", NOW + HOUR).issue.document.picks == ()


def test_every_version_loses_it(here: Place, home: Installation) -> None:
    """Also those that a correction replaced; and each still is what its hash says."""
    here.done("correct", SUNDAY, "--title", "Ines Varga again", "--note", "Ines Varga is her name.")
    asked(home)
    with reading(home.engine) as connection:
        found = list(store.sweeping.documents(connection))
        told = [store.issues.version(connection, SUNDAY, number) for _, number, _ in found]
    assert [version.number for version in told] == [1, 2, 3]
    assert not any(b"Varga" in version.data for version in told)
    assert told[-1].correction == REMOVED


def test_a_draft_and_an_approved_issue_lose_it_too(here: Place) -> None:
    """They go on as they were, without a note: nobody has seen them."""
    with here.opened() as home:
        collect(home, Clock(), everything=True)
        draft(home, "weekly", NOW)
        asked(home)
        assert left(here, home, "Varga") == []
        assert approve(home, SUNDAY, NOW + HOUR).state is IssueState.APPROVED
        asked(home, Request(names=("Hollin",)))
        publish(home, SUNDAY, NOW + 2 * HOUR)
        assert "Hollin" not in page(here).replace("The Hollin Weekly", "").replace("Hollin Editors", "")


# ── what cannot be called back ───────────────────────────────────────────────────────────────────


def test_it_lists_mails_and_addresses_and_a_dry_run_changes_nothing(here: Place, home: Installation) -> None:
    """What a dry run says is what is done then."""
    here.subscribe("ada@example.org", "bo@example.org")
    send(home, SUNDAY, Clock())
    tree, places = here.tree(), left(here, home, "Varga")
    ran = here.done("redact", "--name", "Ines Varga", "--dry-run", "--json")
    assert (here.tree(), left(here, home, "Varga")) == (tree, places)
    done = here.done("redact", "--name", "Ines Varga", "--json")
    assert done.data == ran.data
    assert done.data["mails"] == {str(SUNDAY): 2}
    feeds = "http://127.0.0.1:8000/feeds/weekly/"
    assert {f"{feeds}atom.xml", f"{feeds}2026-11-22/"} <= set(done.data["purge"])  # type: ignore[call-overload]


def test_mail_that_is_still_to_leave_is_without_it(here: Place, home: Installation) -> None:
    """As after a correction."""
    here.subscribe("ada@example.org")
    here.inbox.replies = lambda *_: "451 4.7.1 later"
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    asked(home)
    send(home, SUNDAY, Clock(NOW + 2 * HOUR))
    (only,) = here.inbox.messages
    assert b"Varga" not in only.data


# ── it does not come back ────────────────────────────────────────────────────────────────────────


def test_it_stays_in_force_after_the_next_poll(here: Place, home: Installation) -> None:
    """New posts and revisions lose it as they come in; a removed post is not collected anew; nothing comes twice."""
    asked(home, Request(names=("Ines Varga",), posts=(WEIR,)))
    here.blog.write("ferry", at=NOW + HOUR)
    collect(home, Clock(NOW + HOUR), everything=True)
    collect(home, Clock(NOW + 2 * HOUR), everything=True)
    assert left(here, home, "Varga", "the weir") == []
    later = draft(home, "weekly", NOW + 2 * HOUR).issue.document
    assert [pick.url for pick in later.picks] == ["https://hollin.test/ferry"]
    with reading(home.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM posts")).scalar() == 3


def test_it_stays_in_force_after_a_restore(here: Place, home: Installation, tmp_path: Path) -> None:
    """A database of before loses it again when it is opened: the rules are kept in a file beside it."""
    shutil.copytree(here.folder / "var", tmp_path / "backup")
    home.engine.dispose()
    asked(home)
    home.engine.dispose()
    for stored in (tmp_path / "backup").glob("digest.db*"):
        shutil.copy(stored, here.folder / "var" / stored.name)
    with here.opened(NOW + 2 * HOUR) as restored:
        assert left(here, restored, "Varga") == []


def test_a_template_with_a_mistake_stops_it_before_anything_is_changed(here: Place) -> None:
    """Nor is it tried again whenever a command is given; once the template is right, it is done."""
    own = here.folder / "own"
    (own / "page").mkdir(parents=True)
    here.configure(publish=f'templates_dir = "{own.as_posix()}"')
    here.published()
    (own / "page/issue.html.j2").write_text("{{ nothing.like.that }}")
    with here.opened() as home:
        before = here.tree()
        with pytest.raises(TemplateError):
            asked(home)
        assert here.tree() == before
    (own / "page/issue.html.j2").unlink()
    with here.opened() as home:
        assert "feeds/weekly/atom.xml" in left(here, home, "Varga")
        asked(home)
        assert left(here, home, "Varga") == []


def test_an_editor_who_writes_it_again_is_told(home: Installation) -> None:
    """It cannot be approved; and what posts quote of somebody who was removed is signed by nobody."""
    asked(home)
    extra = draft_extra(
        home, "weekly", "more", Wishes(None, [WEIR], "As INES VARGA put it.", None), NOW + HOUR
    ).issue
    assert [printed.quote.speaker for pick in extra.document.picks for printed in pick.quotes] == [""]
    with pytest.raises(DigestError, match="removed on request, and that stays so"):
        approve(home, extra.id, NOW + HOUR)
    edit(home, extra.id, Change(introduction="As somebody put it."), NOW + HOUR)
    assert approve(home, extra.id, NOW + HOUR).state is IssueState.APPROVED


def test_the_rules_name_nothing(here: Place, home: Installation) -> None:
    """They are fingerprints under a salt; a file that cannot be read is told, and lets nobody in."""
    asked(home)
    kept = here.folder / "var/redactions.json"
    assert "varga" not in kept.read_text().casefold()
    kept.write_text("nothing")
    ran = here.digest("show", SUNDAY)
    assert (ran.code, "nobody knows what was removed on request" in ran.err) == (1, True)


def test_too_few_words_and_nothing_are_refused(home: Installation) -> None:
    """A quote of two words would go from texts of anybody."""
    with pytest.raises(DigestError, match="Nothing is to be removed"):
        asked(home, Request())
    with pytest.raises(DigestError, match="has 2 words"):
        asked(home, Request(quotes=("the water",)))
    with pytest.raises(NotFoundError, match="There is no stored post"):
        asked(home, Request(posts=("https://hollin.test/nowhere",)))
    with pytest.raises(NotFoundError, match="There is no source nowhere"):
        asked(home, Request(sources=("nowhere",)))


def test_stored_posts_are_as_long_as_before(home: Installation) -> None:
    """So that every quote stands where it stood."""
    with reading(home.engine) as connection:
        before = dict(map(tuple, connection.execute(text("SELECT post, text FROM revisions"))))
    asked(home)
    with reading(home.engine) as connection:
        after = dict(map(tuple, connection.execute(text("SELECT post, text FROM revisions"))))
    assert {key: len(said) for key, said in before.items()} == {key: len(said) for key, said in after.items()}
    assert all(INK * 4 in said for said in after.values())
