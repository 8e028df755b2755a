"""Adding a source, importing and exporting lists of them, going back in a feed, and choosing among videos."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

import loopback
from digest import store
from digest.collect.parse import parse_feed
from digest.errors import DigestError, FetchError
from digest.model import FullText, Source
from digest.pipeline.installation import Installation
from digest.pipeline.posts.choosing import chosen
from digest.pipeline.posts.older import older_entries
from digest.pipeline.posts.sources import add, add_unasked, change, export_opml, import_opml
from digest.store.database import reading, transaction
from installation import NOW, Place, installed
from town import NEWEST, Page, link, page, rss, town

FEED = "https://quay.example/feed/"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


@pytest.fixture
def opened(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def followed(installation: Installation) -> dict[str, Source]:
    with reading(installation.engine) as connection:
        return {source.slug: source for source in store.sources.all_sources(connection)}


# ── adding one ───────────────────────────────────────────────────────────────────────────────────


def test_a_source_is_read_before_it_is_followed(opened: Installation) -> None:
    """Its feed is found from its site, and tells its title, how many entries it has, and the newest."""
    pages: dict[str, Page] = {"https://quay.example/": page(link("/feed/")), FEED: rss("boats", "nets")}
    with town(pages) as built:
        added = add(replace(opened, fetcher=built.fetcher), "quay.example/", {"own": True, "quotes": 1}, NOW)
    assert (added.source.url, added.source.title, added.entries) == (FEED, "Quay", 2)
    assert added.newest
    assert (added.newest.title, added.newest.published) == ("boats", NEWEST)
    source = followed(opened)["quay-example"]
    assert (source.url, source.own, source.quotes, source.fulltext) == (FEED, True, 1, FullText.AUTO)


def test_a_source_that_cannot_be_read_is_not_followed(opened: Installation) -> None:
    """Nothing is left behind."""
    before = followed(opened)
    with (
        town({"https://quay.example/": page()}) as built,
        pytest.raises(FetchError, match="leads to no feed"),
    ):
        add(replace(opened, fetcher=built.fetcher), "quay.example/", {}, NOW)
    assert followed(opened) == before


def test_a_mistake_is_told_before_anything_is_asked(opened: Installation) -> None:
    """And the address of a source that is followed already is one."""
    add_unasked(opened, FEED, {}, NOW)
    with town({FEED: rss("boats")}) as built:
        there = replace(opened, fetcher=built.fetcher)
        for typed, given, why in (
            ("https://me:secret@quay.example/", {}, "without a name and password"),
            (FEED, {"weight": 99}, "weight: expected"),
            (FEED, {"slug": "No Slug"}, "slug: expected"),
            ("quay.example/feed/#top", {}, "followed already, as quay-example"),
        ):
            with pytest.raises(DigestError, match=why) as caught:
                add(there, typed, given, NOW)
            assert "secret" not in str(caught.value)
        assert built.asked == []


def test_a_site_whose_feed_is_followed_already_is_told(opened: Installation) -> None:
    """However it was typed."""
    add_unasked(opened, FEED, {}, NOW)
    with (
        town({"https://quay.example/": page(link("/feed/")), FEED: rss("boats")}) as built,
        pytest.raises(DigestError, match="already followed as quay-example"),
    ):
        add(replace(opened, fetcher=built.fetcher), "https://quay.example/", {}, NOW)


def test_adding_on_the_command_line_says_what_was_found(here: Place) -> None:
    """In lines for a person, or as data."""
    ran = here.done(
        "sources", "add", here.server.url("/ferry"), "--slug", "ferry", "--no-shorts", "--excerpt-words", 12
    )
    lines = ran.out.splitlines()
    assert lines[0] == f"ferry is followed (“Mill Lane”): {here.server.url('/ferry')}"
    assert lines[1].startswith("Its feed has 2 entries, the newest: “The sluice” of ")
    assert lines[-1] == "It is polled by the next: digest collect"
    data = here.done("sources", "add", here.server.url("/quay"), "--slug", "quay", "--json").data
    assert (data["slug"], data["url"], data["entries"], data["others"]) == (
        "quay",
        here.server.url("/quay"),
        2,
        [],
    )
    rows = {row["slug"]: row for row in here.done("sources", "--json").rows}
    assert (rows["ferry"]["shorts"], rows["ferry"]["live"], rows["ferry"]["excerpt_words"]) == (
        False,
        True,
        12,
    )


def test_an_address_can_be_followed_without_asking_there(here: Place) -> None:
    """A feed that is down today may be up tomorrow; asked, it is one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/feed"
    ran = here.digest("sources", "add", url)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "could not be fetched" in ran.err
    assert "is followed" in here.done("sources", "add", url, "--unchecked", "--slug", "ferry").out


def test_a_page_cannot_make_us_ask_a_private_address(here: Place) -> None:
    """What it offers goes through the guard like anything else; the other offers are tried all the same."""
    with loopback.serve(lambda request: request.send(loopback.response(rss("secret")))) as canary:

        def answer(request: loopback.Request) -> None:
            head = link(canary.url("/feed")) + link("/feed.xml")
            request.send(loopback.response(rss("boats") if request.path == "/feed.xml" else page(head)))

        with loopback.serve(answer) as site:
            here.configure(endpoint=site.endpoint)
            data = here.done("sources", "add", site.url("/"), "--json").data
        assert data["url"] == site.url("/feed.xml")
        assert canary.connections == 0
        here.configure(endpoint=canary.endpoint)  # control: it would have answered
        assert here.done("sources", "add", canary.url("/feed"), "--json").data["entries"] == 1


def test_the_list_says_how_each_source_is(here: Place) -> None:
    """As a word and as a sentence, for a person and for a program."""
    here.done("collect")
    (row,) = here.done("sources", "--json").rows
    assert row["state"] == "healthy"
    assert str(row["health"]) in here.done("sources").out


def test_the_settings_of_a_source_are_seen_in_the_issue(here: Place) -> None:
    """From config.toml to the page: how many quotes, how many words of excerpt."""
    here.configure(sources="quotes = 0\nexcerpt_words = 7")
    shown = here.done("show", here.drafted(), "--json").data
    picks = [pick for group in shown["document"]["groups"] for pick in group["picks"]]  # type: ignore[index]
    assert [pick["quotes"] for pick in picks] == [[], []]
    assert [pick["blurb"] for pick in picks] == ["Ines Varga spoke in the mill about…"] * 2
    here.configure()
    here.done("draft", "weekly", "--now")
    assert here.done("show", here.drafted(), "--json").out.count('"origin": "listed"') >= 2


# ── changing one ─────────────────────────────────────────────────────────────────────────────────


def test_a_source_is_changed_in_place(opened: Installation) -> None:
    """Each setting by its key; what is not named stays, and so does what is remembered of polling it."""
    add_unasked(opened, FEED, {"slug": "quay", "weight": 2.0, "quotes": 1}, NOW)
    with transaction(opened.engine) as connection:
        polled = replace(followed(opened)["quay"], etag='"1"', title="Quay", last_good_at=NOW)
        store.sources.save_poll(connection, polled)
    change(opened, "quay", {"own": "true", "fulltext": "always", "labels": "Coast/Boats, slow", "quotes": ""})
    labels = ("Coast/Boats", "slow")
    assert followed(opened)["quay"] == replace(
        polled, own=True, fulltext=FullText.ALWAYS, labels=labels, quotes=None
    )
    change(opened, "quay", {"labels": "", "title": "The Quay"})
    assert (followed(opened)["quay"].labels, followed(opened)["quay"].title) == ((), "The Quay")


def test_a_channel_of_which_more_is_taken_now_is_asked_for_all_it_has(opened: Installation) -> None:
    """Else what was left out before would come only with its next change."""
    add_unasked(opened, FEED, {"slug": "quay", "shorts": False}, NOW)
    with transaction(opened.engine) as connection:
        store.sources.save_poll(connection, replace(followed(opened)["quay"], etag='"1"', body_hash="ab"))
    change(opened, "quay", {"weight": "2", "shorts": "false"})
    assert followed(opened)["quay"].etag == '"1"'
    change(opened, "quay", {"shorts": "true"})
    assert (followed(opened)["quay"].etag, followed(opened)["quay"].body_hash) == ("", "")


@pytest.mark.parametrize(
    ("slug", "given", "said"),
    [
        ("hollin", {"own": "true"}, "comes from config.toml; change it there"),
        ("nobody", {"own": "true"}, "There is no source nobody"),
        ("quay", {"weight": "eleven"}, "weight: "),
        ("quay", {"weight": "11"}, "weight: "),
        ("quay", {"colour": "red"}, "colour: "),
        ("quay", {"url": "https://other.example/"}, "url: it stays as it is"),
        ("quay", {"slug": "other"}, "slug: it stays as it is"),
    ],
)
def test_what_cannot_be_changed_is_told_and_nothing_is(
    opened: Installation, slug: str, given: dict[str, str], said: str
) -> None:
    """A source of the file, a source that is not there, and what config.toml would not take."""
    add_unasked(opened, FEED, {"slug": "quay"}, NOW)
    before = followed(opened)
    with pytest.raises(DigestError, match=said):
        change(opened, slug, {"premieres": "false", **given})
    assert followed(opened) == before


def test_showing_and_changing_on_the_command_line(here: Place) -> None:
    """What is shown is what can be changed."""
    here.done("sources", "add", FEED, "--unchecked", "--slug", "quay", "--label", "Coast")
    assert "  labels=Coast" in here.done("sources", "show", "quay").out.splitlines()
    assert (
        here.done("sources", "set", "quay", "own=true", "quotes=3").out == "quay is changed: own, quotes.\n"
    )
    shown = here.done("sources", "show", "quay").out.splitlines()
    assert {"  own=true", "  quotes=3", "It is followed by command."} <= set(shown)
    settings = [line.strip() for line in shown if line.startswith("  ")]
    here.done("sources", "set", "quay", *settings)
    assert here.done("sources", "show", "quay").out.splitlines() == shown
    assert here.done("sources", "show", "quay", "--json").data["own"] is True
    ran = here.digest("sources", "set", "quay", "own")
    assert (ran.code, "expected KEY=VALUE" in ran.err) == (2, True)
    ran = here.digest("sources", "set", "hollin", "own=true")
    assert (ran.code, "change it there" in ran.err) == (1, True)


# ── lists ────────────────────────────────────────────────────────────────────────────────────────

LIST = """<opml version="1.1"><body>
<outline text="Coast"><outline text="Quay" type="rss" xmlUrl="https://quay.example/feed/"/>
<outline text="Nets" xmlUrl="https://nets.example/rss" xmlns:digest="urn:digest:opml" digest:slug="hollin"/></outline>
<outline text="Quay again" xmlUrl="https://QUAY.example/feed/"/>
<outline text="Bad" type="rss" xmlUrl="gopher://bad.example"/>
<outline text="Odd" xmlUrl="https://odd.example/" xmlns:digest="urn:digest:opml" digest:weight="heavy"/>
</body></opml>"""


def test_a_list_is_followed_as_far_as_it_can_be(opened: Installation, tmp_path: Path) -> None:
    """A slug that is taken gives way to one made from the address; what is refused is told, the rest is kept."""
    (tmp_path / "list.opml").write_text(LIST, encoding="utf-8")
    report = import_opml(opened, tmp_path / "list.opml", NOW)
    assert (report.added, report.known) == (("quay-example", "nets-example-rss"[:12]), 1)
    assert [why.partition(":")[0] for why in report.refused] == ["line 5", "Odd"]
    assert followed(opened)["quay-example"].title == "Quay"


def test_a_list_can_be_imported_again(opened: Installation, tmp_path: Path) -> None:
    """What is followed stays as it is; what was removed meanwhile comes back."""
    (tmp_path / "list.opml").write_text(LIST, encoding="utf-8")
    import_opml(opened, tmp_path / "list.opml", NOW)
    before = followed(opened)
    again = import_opml(opened, tmp_path / "list.opml", NOW)
    assert (again.added, again.known) == ((), 3)
    assert followed(opened) == before


def test_an_export_imports_equal_elsewhere(opened: Installation, tmp_path: Path) -> None:
    """With slugs and settings; also a title that XML must escape."""
    given = {
        "title": "Quay <&> “Co”", "own": True, "weight": 2.5, "shorts": False, "quotes": 0,
        "excerpt_words": 30, "fulltext": "never", "labels": ("Coast/Boats", "slow"),
    }  # fmt: skip
    add_unasked(opened, FEED, {"slug": "the-quay", **given}, NOW)
    (tmp_path / "ours.opml").write_text(export_opml(opened, NOW), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with installed(elsewhere) as other, other.opened() as there:
        import_opml(there, tmp_path / "ours.opml", NOW)
        assert followed(there)["the-quay"] == followed(opened)["the-quay"]


def test_the_folders_of_a_list_are_labels(opened: Installation, tmp_path: Path) -> None:
    """So they are there again in a list for another reader."""
    body = f'<outline text="Coast"><outline text="Boats"><outline xmlUrl="{FEED}"/></outline></outline>'
    (tmp_path / "list.opml").write_text(f"<opml><body>{body}</body></opml>", encoding="utf-8")
    (slug,) = import_opml(opened, tmp_path / "list.opml", NOW).added
    assert followed(opened)[slug].labels == ("Coast/Boats",)
    assert '<outline text="Coast">' in export_opml(opened, NOW)


def test_lists_on_the_command_line(here: Place) -> None:
    """Import says what became of it, export prints what another reader takes."""
    (here.folder / "list.opml").write_text(LIST, encoding="utf-8")
    ran = here.done("sources", "import", here.folder / "list.opml")
    assert ran.out.startswith("2 added, 1 there already, 2 refused.")
    assert "“Bad”: gopher://bad.example is no http:// or https:// address" in ran.out
    assert here.done("sources", "import", here.folder / "list.opml", "--json").data["added"] == []
    (here.folder / "ours.opml").write_text(here.done("sources", "export").out, encoding="utf-8")
    again = here.done("sources", "import", here.folder / "ours.opml", "--json").data
    assert (again["added"], again["known"], again["refused"]) == ([], 3, [])
    for name, why in (("nowhere.opml", "cannot be read"), ("config.toml", "is no OPML file")):
        ran = here.digest("sources", "import", here.folder / name)
        assert (ran.code, ran.out) == (1, "")
        assert why in ran.err


def test_a_long_list_is_imported_in_seconds(opened: Installation, tmp_path: Path) -> None:
    """Two thousand sources, each known by its slug."""
    outlines = "".join(f'<outline xmlUrl="https://{number}.example/feed"/>' for number in range(2_000))
    (tmp_path / "long.opml").write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")
    assert len(import_opml(opened, tmp_path / "long.opml", NOW).added) == 2_000


# ── going back ───────────────────────────────────────────────────────────────────────────────────


def older(
    pages: dict[str, Page], url: str = FEED, days: int = 300, stop: Event | None = None
) -> tuple[list[str], list[str]]:
    """Titles of the older entries of a feed, and what was asked for them."""
    with town(pages) as built:
        first = built.fetcher.get(url)
        feed = parse_feed(first.body, first.url)
        found = older_entries(built.fetcher, feed, first.url, NEWEST - timedelta(days), stop=stop, pause=0)
    return [entry.title for entry in found], built.asked[1:]


def test_a_feed_of_wordpress_is_read_back_page_by_page() -> None:
    """Until it answers that there is no further page."""
    pages: dict[str, Page] = {
        FEED: rss("e", "d"),
        f"{FEED}?paged=2": rss("c", "b"),
        f"{FEED}?paged=3": rss("a"),
    }
    titles, asked = older(pages)
    assert titles == ["c", "b", "a"]
    assert asked == [f"{FEED}?paged={number}" for number in (2, 3, 4)]


def test_a_site_that_has_no_pages_is_asked_once() -> None:
    """It gives the same entries again, and they are not taken twice."""
    pages: dict[str, Page] = {FEED: rss("e", "d"), f"{FEED}?paged=2": rss("e", "d")}
    assert older(pages) == ([], [f"{FEED}?paged=2"])
    assert older({"https://quay.example/rss.xml": rss("e")}, "https://quay.example/rss.xml") == ([], [])


def test_a_page_that_cannot_be_read_ends_the_walk_and_loses_nothing() -> None:
    """What was found before it is kept."""
    pages: dict[str, Page] = {FEED: rss("e"), f"{FEED}?paged=2": rss("d"), f"{FEED}?paged=3": page("Sign in")}
    assert older(pages)[0] == ["d"]


def test_an_archived_feed_is_read_back() -> None:
    """RFC 5005 §4: each document names the one before it."""

    def archive(name: str, before: str) -> bytes:
        link = f'<link rel="prev-archive" href="{before}"/>' if before else ""
        return (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title>{link}<entry><id>{name}</id><title>{name}</title>'
            f'<link href="https://quay.example/{name}"/><updated>2026-11-01T08:00:00Z</updated></entry></feed>'
        ).encode()

    now, june, may = (f"https://quay.example/{name}.atom" for name in ("now", "june", "may"))
    pages: dict[str, Page] = {now: archive("c", june), june: archive("b", may), may: archive("a", "")}
    assert older(pages, now) == (["b", "a"], [june, may])


def test_an_interrupted_walk_gives_what_it_has() -> None:
    """Ctrl-C is heeded before the next page."""
    stop = Event()
    stop.set()
    assert older({FEED: rss("e"), f"{FEED}?paged=2": rss("d")}, stop=stop) == ([], [])


def test_nothing_older_than_asked_for_is_taken() -> None:
    """The page on which it stands is the last one that is asked."""
    pages: dict[str, Page] = {FEED: rss("e", "d", "c"), f"{FEED}?paged=2": rss("z", "y", "x", "w")}
    titles, asked = older(pages, days=2)
    assert titles == ["z", "y", "x"]
    assert asked == [f"{FEED}?paged=2", f"{FEED}?paged=3"]


def test_since_on_the_command_line_is_a_day(here: Place) -> None:
    """Anything else is wrong usage."""
    here.done("collect")
    assert "hollin" in here.done("collect", "--since", "2026-01-31").out
    assert here.digest("collect", "--since", "yesterday").code == 2


def test_a_paged_feed_is_collected_back_to_a_day(tmp_path: Path) -> None:
    """Also one that was collected before; what is found is kept once, and if older than two weeks, out of issues."""
    now = datetime.now(UTC)

    def answer(request: loopback.Request) -> None:
        number = int(request.path.rpartition("=")[2]) if "=" in request.path else 0
        entries = "".join(
            f"<entry><id>tag:hollin.test,2026:{each}</id><title>Post {each}</title>"
            f"<link rel='alternate' href='https://hollin.test/{each}'/><content>What {each} boats did.</content>"
            f"<published>{(now - timedelta(days=each)).isoformat()}</published></entry>"
            for each in range(number, number + 10)
        )
        older = server.url(f"/feed?start={number + 10}")
        body = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>Mill Lane</title>'
            f'<link rel="next" href="{older}"/>{entries}</feed>'
        )
        request.send(loopback.response(body.encode(), etag=f'"{number}"'))

    with loopback.serve(answer) as server, installed(tmp_path) as here:
        here.configure(feed=server.url("/feed"), endpoint=server.endpoint)
        here.done("collect")
        since = f"{now - timedelta(days=25):%Y-%m-%d}"
        (polled,) = here.done("collect", "--since", since, "--json").rows
        assert polled["stored"] == {"entries": 26, "new": 16, "revised": 0, "held": 12}
        (polled,) = here.done("collect", "--since", since, "--json").rows
        assert polled["stored"] == {"entries": 26, "new": 0, "revised": 0, "held": 0}


# ── choosing videos ──────────────────────────────────────────────────────────────────────────────

CHANNEL = Source("harbour", "https://www.youtube.com/feeds/videos.xml?channel_id=UCharbour0000000000000_-")
SHORTS = "https://www.youtube.com/feeds/videos.xml?playlist_id=UUSHharbour0000000000000_-"


def videos(*ids: str) -> bytes:
    entries = "".join(
        f"<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><title>{id}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/watch?v={id}"/>'
        "<published>2026-11-19T08:00:00+00:00</published></entry>"
        for id in ids
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015">'
        f"<title>Harbour</title>{entries}</feed>"
    ).encode()


def taken(source: Source, pages: dict[str, Page]) -> tuple[list[str], list[str]]:
    """Titles of the entries that are taken of three, and what was asked to know it."""
    entries = parse_feed(videos("video000000", "short000000", "stream00000"), source.url).entries
    with town(pages) as built:
        return [entry.title for entry in chosen(built.fetcher, source, entries, NOW)], built.asked


def test_shorts_are_left_out_by_the_list_that_youtube_keeps_of_them() -> None:
    """Which is only asked where it has to be; a channel without shorts has no such list."""
    source = replace(CHANNEL, shorts=False)
    assert taken(source, {SHORTS: videos("short000000")}) == (["video000000", "stream00000"], [SHORTS])
    assert len(taken(source, {})[0]) == 3
    assert taken(CHANNEL, {})[1] == []
    assert taken(replace(CHANNEL, shorts=False, live=False), {})[1] == []


@pytest.mark.parametrize("answer", [500, page("Sign in")], ids=["error", "page"])
def test_what_is_a_short_must_be_known(answer: Page) -> None:
    """Else one would be in an issue that must not be: the poll fails, and is tried again."""
    with pytest.raises(FetchError, match="UUSH"):
        taken(replace(CHANNEL, shorts=False), {SHORTS: answer})
