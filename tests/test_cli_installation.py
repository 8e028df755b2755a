"""An installation of one's own: ``init``, ``check``, ``config export``, and who owns what."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import config, store
from digest.cli.checking import next_mails
from digest.model import IssueId, SourceOwner
from digest.pipeline.drafts.draft import draft
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail.send import send
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, command, installed

HOUR = timedelta(hours=1)
SUNDAY = IssueId("weekly", date(2026, 11, 22))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


# ── init ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_installation_is_in_order(tmp_path: Path) -> None:
    """``init`` writes a commented config.toml, var/ with a secret of its owner's, and feeds/; ``check`` finds no mistake."""
    folder = tmp_path / "mine"
    made = command("init", folder)
    assert made.code == 0
    assert f"made {folder / 'config.toml'}" in made.out
    assert f"cd {folder} && digest check" in made.out
    secret = folder / "var" / "secret.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text() not in (folder / "config.toml").read_text()
    assert (folder / "feeds").is_dir()
    checked = command("check", folder=folder)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[0] == f"{folder / 'config.toml'} and the templates are in order."


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    """Each has a key of its own, so that no link of one means anything to the other."""
    for name in ("one", "two"):
        assert command("init", tmp_path / name).code == 0
    keys = {(tmp_path / name / "var" / "secret.key").read_bytes() for name in ("one", "two")}
    assert len(keys) == 2


def test_init_never_writes_over_an_installation(here: Place) -> None:
    """The sentence says what to do; nothing in the folder has changed."""
    before = here.path.read_bytes()
    ran = command("init", here.folder)
    assert (ran.code, ran.out) == (1, "")
    assert "exists already: choose another folder" in ran.err
    assert here.path.read_bytes() == before


def test_every_verb_works_in_a_new_installation(tmp_path: Path, here: Place) -> None:
    """From ``init`` to a mail in the folder, with nothing edited but the sources: nothing leaves this machine."""
    folder = tmp_path / "mine"
    command("init", folder)
    path = folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    head, tail = text[: text.index("[[sources]]")], text[text.index("[[themes]]") :]
    tail = tail[: tail.index("[[rules]]")] + tail[tail.index("[mail]") :]
    source = f'[[sources]]\nurl = "{here.server.url("/feed")}"\n'
    allow = f'allow = ["{here.server.endpoint}"]'
    text = head + source + tail.replace("#allow = []", allow)
    path.write_text(text, encoding="utf-8")
    (folder / "people.csv").write_text("address,consent_source\nada@example.org,fair\n", encoding="utf-8")

    def done(*words: str) -> str:
        ran = command(*words, folder=folder)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.out

    done("subscribers", "import", "people.csv")
    done("collect")
    issue = done("draft", "weekly", "--now").splitlines()[0].split(" ")[0]
    done("approve", issue)
    done("publish", issue)
    assert "[mail] live is false" in done("send", issue)
    assert (folder / "feeds" / "weekly" / "atom.xml").is_file()
    assert len(list((folder / "var" / "outbox").glob("*.eml"))) == 1
    assert f"{issue} is published and sent." in done("show", issue)


# ── check: when the next mail leaves ─────────────────────────────────────────────────────────────


def test_check_ends_with_when_the_next_mail_leaves(here: Place) -> None:
    """And to how many people, by which relay, or into which folder."""
    here.subscribe("ada@example.org", "bo@example.org")
    last = here.done("check").out.splitlines()[-1]
    assert last.startswith("The Hollin Weekly: the next mail would leave ")
    assert last.endswith(f"once it is approved, to 2 people, by {here.inbox.smtp_url}.")
    here.configure(live="false", digest='approval = "auto"')
    last = here.done("check").out.splitlines()[-1]
    assert "once it is approved" not in last
    assert last.endswith(f"to 2 people, into {here.folder / 'var' / 'outbox'}, because [mail] live is false.")


def test_the_sentence_knows_what_is_under_way(here: Place) -> None:
    """What is approved leaves at its slot, what is late leaves at once, and what was sent leaves room for the next."""
    here.blog.posts.clear()
    here.blog.write("sluice", at=NOW)

    def sentence(now: datetime) -> str:
        return next_mails(home, now)[0].sentence(home.settings.mail)

    with here.opened() as home:
        assert "on 2026-11-22 09:00 Europe/Berlin once it is approved" in sentence(NOW)
        collect(home, Clock(), everything=True)
        draft(home, "weekly", NOW)
        assert "on 2026-11-22 09:00 Europe/Berlin once it is approved" in sentence(NOW)
        assert "would leave at once once it is approved" in sentence(SLOT + HOUR)
        approve(home, SUNDAY, NOW)
        assert "on 2026-11-22 09:00 Europe/Berlin, to" in sentence(NOW)
        publish(home, SUNDAY, NOW)
        assert "would leave at once, to 0 people" in sentence(SLOT + HOUR)
        send(home, SUNDAY, Clock(SLOT + HOUR))
        assert "on 2026-11-29 09:00 Europe/Berlin once it is approved" in sentence(SLOT + HOUR)


# ── export, and who owns what ────────────────────────────────────────────────────────────────────


def test_an_export_is_the_file_and_what_commands_added(here: Place, tmp_path: Path) -> None:
    """As one config.toml that loads, says the same, and makes what was added the file's own."""
    here.done("sources", "add", "https://ferry.test/feed", "--unchecked", "--slug", "ferry", "--weight", "2")
    here.done("theme", "add", "boats", "Boats", "--term", "boat", "--term", "quay", "--not-term", "gravy")
    here.done("rules", "source-theme", "ferry", "boats")
    here.done("rules", "never-video", "https://youtu.be/aBcDeFgHiJk")
    here.done("rules", "spelling", "Ilse Moro", "Ilse Morow")
    exported = here.done("config", "export").out
    moved = tmp_path / "moved" / "config.toml"
    moved.parent.mkdir()
    moved.write_text(exported, encoding="utf-8")
    before, after = config.load(here.path), config.load(moved)
    kept = {"sources", "themes", "rules"}
    assert before.model_dump(exclude=kept) == after.model_dump(exclude=kept)
    assert [source.slug for source in after.sources] == ["ferry", "hollin"]
    assert [theme.slug for theme in after.themes] == ["water", "schools", "boats"]
    assert (after.themes[2].terms, after.themes[2].not_terms) == (("boat", "quay"), ("gravy",))
    assert {(rule.source, rule.theme) for rule in after.rules} == {("ferry", "boats"), (None, None)}
    assert {(rule.name, rule.spelling) for rule in after.rules} == {("Ilse Moro", "Ilse Morow"), (None, None)}

    here.path.write_text(exported, encoding="utf-8")
    assert here.done("config", "export").out == exported
    owners = {row["slug"]: row["owner"] for row in here.done("sources", "--json").rows}
    assert owners == {"ferry": SourceOwner.FILE, "hollin": SourceOwner.FILE}


def test_an_export_leaves_out_what_refers_to_nothing(here: Place, tmp_path: Path) -> None:
    """A rule about a theme or source that was removed since would make a file that does not load."""
    here.done("sources", "add", "https://ferry.test/feed", "--unchecked", "--slug", "ferry")
    here.done("theme", "add", "boats", "Boats")
    here.done("rules", "source-theme", "ferry", "water")
    here.done("rules", "source-theme", "hollin", "boats")
    here.done("sources", "remove", "ferry")
    here.done("theme", "remove", "boats")
    moved = tmp_path / "moved.toml"
    moved.write_text(here.done("config", "export").out, encoding="utf-8")
    assert config.load(moved).rules == ()


def test_the_file_wins_on_the_same_address(here: Place) -> None:
    """A source added by command that the file names later is the file's, under its slug, with its posts."""
    here.configure(sources="")
    url = here.server.url("/other")
    here.done("sources", "add", url, "--slug", "other")
    here.done("collect", "--all")
    here.configure(sources=f'[[sources]]\nurl = "{url}"\nslug = "renamed"\ntitle = "By the file"')
    rows = {row["slug"]: row for row in here.done("sources", "--json").rows}
    assert set(rows) == {"hollin", "renamed"}
    assert (rows["renamed"]["owner"], rows["renamed"]["title"]) == ("file", "By the file")
    refused = here.digest("sources", "remove", "renamed")
    assert (refused.code, "comes from config.toml; remove it there" in refused.err) == (1, True)


def test_what_the_file_no_longer_names_is_retired_with_its_posts_kept(here: Place) -> None:
    """It is polled no longer; named again it goes on where it stopped."""
    other = f'[[sources]]\nurl = "{here.server.url("/other")}"\nslug = "other"'
    here.configure(sources=other)
    here.done("collect")
    here.configure()
    assert [row["slug"] for row in here.done("sources", "--json").rows] == ["hollin"]
    with here.opened() as home, reading(home.engine) as connection:
        kept = store.posts.recent(connection, ["other", "hollin"], None, 100)
        retired = store.sources.source(connection, "other")
    assert kept
    assert retired
    assert retired.retired
    asked = len(here.server.requests)
    here.done("collect", "--all")
    assert len(here.server.requests) == asked + 1
    here.configure(sources=other)
    back = next(row for row in here.done("sources", "--json").rows if row["slug"] == "other")
    assert back["etag"] == retired.etag != ""


def test_a_theme_added_by_command_is_covered_and_removed(here: Place) -> None:
    """From the next draft on, and no longer after its removal."""
    here.blog.write("quay", at=datetime.now(UTC), about="boat")
    here.done("theme", "add", "boats", "Boats", "--term", "boat")
    issue = here.drafted()
    assert "BOATS" in here.done("show", issue).out
    here.done("theme", "remove", "boats")
    assert "BOATS" not in here.done("draft", "weekly", "--now").out
