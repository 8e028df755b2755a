"""Related posts and videos as posts list them: which words are whose title, and where a list is over."""

from __future__ import annotations

import pytest

from digest.extract.reading import read
from digest.text.html import sanitise
from effort import effort
from small_posts import URL, WORDS, posts, reading, videos

ONE, TWO = "abcdefghij1", "abcdefghij2"
FRAME = '<iframe src="https://www.youtube.com/embed/{}"></iframe>'
FIRST, SECOND = FRAME.format(ONE), FRAME.format(TWO)
BOTH = [("On dams", ONE), ("On walls", TWO)]


# ── players and their titles ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "listed",
    [
        f"<p>On dams</p>{FIRST}<p>On walls</p>{SECOND}",
        f"<h4>On dams</h4>{FIRST}<p>Recorded at night; the sound is poor for a while.</p><h4>On walls</h4>{SECOND}",
        f"<ul><li>On dams<br>{FIRST}</li><li>On walls<br>{SECOND}</li></ul>",
    ],
)
def test_a_title_above_a_player_is_its_title(listed: str) -> None:
    """Whatever is said below about how it was made."""
    assert videos(f"<h2>Related videos</h2>{listed}") == BOTH


@pytest.mark.parametrize(
    "listed",
    [
        f"{FIRST}<p>On dams</p>{SECOND}<p>On walls</p>",
        f"<div>{FIRST}</div><div><i>On dams</i></div><div>{SECOND}</div><div><i>On walls</i></div>",
        f"<figure>{FIRST}<figcaption>On dams</figcaption></figure><figure>{SECOND}<figcaption>On walls</figcaption></figure>",
        f"<ul><li>{FIRST}<br><em>On dams</em></li><li>{SECOND}<br><em>On walls</em></li></ul>",
        f"<table><tr><td>{FIRST}</td><td>{SECOND}</td></tr><tr><td>On dams</td><td>On walls</td></tr></table>",
        f"<p>We have kept both of the recordings for you here.</p>{FIRST}<p>On dams</p>{SECOND}<p>On walls</p>",
    ],
)
def test_captions_belong_to_the_players_above_them(listed: str) -> None:
    """Where players come first: line by line, or in a row of players over a row of titles."""
    assert videos(f"<h2>Related videos</h2>{listed}") == BOTH


def test_a_caption_does_not_move_on_to_the_next_player() -> None:
    """Not even where the first player has said its title itself."""
    first = FIRST.replace("></iframe>", ' title="On dams"></iframe>')
    html = f"<h2>Related videos</h2>{first}<p>On dams</p>{SECOND}<p>On walls</p>"
    assert videos(html) == BOTH


def test_one_line_below_one_player_may_be_about_anything() -> None:
    """Such as the photo above; in italics it is a caption."""
    assert videos(f"<h2>Related videos</h2>{FIRST}<p>Photo: the town archive, 1931</p>") == [("", ONE)]
    assert videos(f"<h2>Related videos</h2>{FIRST}<p><em>On dams</em></p>") == [("On dams", ONE)]


def test_a_closing_remark_is_no_caption() -> None:
    """A sentence below the last player is the post's own."""
    third = FRAME.format("abcdefghij3")
    html = f"<h2>Related videos</h2>{FIRST}<p>On dams</p>{SECOND}<p>On walls</p>{third}<p>Thank you for reading, and mind the step.</p>"
    assert videos(html) == [*BOTH, ("", "abcdefghij3")]


@pytest.mark.parametrize(
    "title", ["YouTube video player", "vimeo-player", "peertube", "Embedded video", "Facebook video player"]
)
def test_a_player_that_only_says_what_it_is_has_no_title(title: str) -> None:
    """So that the words around it may be one."""
    frame = FIRST.replace("></iframe>", f' title="{title}"></iframe>')
    assert videos(f"<h2>Related videos</h2><p>On dams</p>{frame}") == [("On dams", ONE)]


@pytest.mark.parametrize(
    "player",
    [
        '<lite-youtube videoid="abcdefghij1" playlabel="Play: On dams"></lite-youtube>',
        '<amp-youtube data-videoid="abcdefghij1" title="On dams" layout="responsive"></amp-youtube>',
        '<div class="rll-youtube-player" data-src="https://www.youtube.com/embed/abcdefghij1" data-alt="On dams"></div>',
        '<div class="youtube-player" data-id="x" data-youtube-id="abcdefghij1" data-title="On dams"></div>',
        '<iframe src="about:blank" data-lazy-src="https://www.youtube.com/embed/abcdefghij1" title="On dams"></iframe>',
        '<iframe src="about:blank" title="On dams" srcdoc="<a href=https://www.youtube.com/embed/abcdefghij1?autoplay=1>'
        '<img src=https://i.ytimg.example/1.jpg></a>"></iframe>',
        "<iframe title='On dams' srcdoc='<body><a href=\"//youtu.be/abcdefghij1\">▶</a></body>'></iframe>",
    ],
)
def test_players_that_wait_to_be_clicked_are_players(player: str) -> None:
    """They name their video in an attribute, or on a page of their own."""
    html = f"<h2>Related videos</h2>{player}"
    assert videos(html) == [("On dams", ONE)]
    assert [video.id for video in reading(html).embedded_videos] == [ONE]


def test_a_page_in_a_frame_that_leads_to_no_video_is_none() -> None:
    """A map, a form, a script."""
    for inside in (
        "<a href=https://maps.example/1>Map</a>",
        "<script src='https://x.example/1.js'></script>",
        "",
    ):
        html = f'<h2>Related videos</h2><iframe srcdoc="{inside}"></iframe>'
        assert reading(html).embedded_videos == ()
        assert videos(html) == []


# ── links to videos ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words", ["watch on YouTube", "YouTube", "Watch here", "here", "on Vimeo", "https://youtu.be/abcdefghij1"]
)
def test_a_link_that_only_says_where_takes_the_title_before_it(words: str) -> None:
    """ "On dams: watch on YouTube"."""
    html = f'<h3>Videos</h3><p>The night of the dams: <a href="https://youtu.be/{ONE}">{words}</a></p>'
    assert videos(html) == [("The night of the dams", ONE)]


def test_a_sentence_that_leads_to_a_video_is_its_title() -> None:
    """Behind a colon, full stop or not."""
    html = f'<h3>Videos</h3><p>The night of the dams, as filmed by the cook: <a href="https://youtu.be/{ONE}">see on YouTube</a>.</p>'
    assert videos(html) == [("The night of the dams, as filmed by the cook", ONE)]


def test_lines_that_say_watch_are_items_of_one_list() -> None:
    """Each of them could head a section by itself."""
    lines = "".join(
        f'<p>Watch: <a href="https://youtu.be/{id}">{title}</a></p>'
        for title, id in BOTH
    )  # fmt: skip
    assert videos(f"<h3>Videos</h3>{lines}") == BOTH
    assert videos(lines) == BOTH


def test_how_long_a_video_takes_is_not_its_title() -> None:
    """Nor is its channel, in a card that is one link from picture to channel."""
    card = (
        '<a href="https://youtu.be/{1}"><img src="https://x.example/1.jpg"><span>12:04</span><h3>{0}</h3><p>Odde TV</p></a>'
    )  # fmt: skip
    cards = "".join(card.format(*one) for one in BOTH)
    html = f"<h2>Related videos</h2><div>{cards}</div>"
    assert videos(html) == BOTH
    assert posts(html) == []


def test_an_address_under_a_title_is_its_link() -> None:
    """As in feeds where nothing made a player of it."""
    html = f"<h3>Videos</h3><p>On dams<br>https://youtu.be/{ONE}</p><p>On walls<br>https://youtu.be/{TWO}</p>"
    assert videos(html) == BOTH


def test_a_link_to_a_video_among_posts_is_a_video() -> None:
    """Its address says so; a player among them is none of the list."""
    html = (
        '<h3>Further reading</h3><ul><li><a href="https://x.example/1">The dam</a></li>'
        f'<li><a href="https://youtu.be/{ONE}">On dams</a></li></ul>{SECOND}'
    )
    assert posts(html) == [("The dam", "https://x.example/1")]
    assert videos(html) == [("On dams", ONE)]


def test_a_video_under_its_title_in_any_language_is_no_other_section() -> None:
    """ "Lecture" is to read in French; in an English post it is a talk."""
    html = f"<h2>Watch also</h2><h4>The Ashby lecture</h4>{FIRST}<h4>On walls</h4>{SECOND}"
    assert videos(html) == [("The Ashby lecture", ONE), ("On walls", TWO)]
    assert posts(html) == []


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "item",
    [
        "{} – our first column on the subject of dams.",
        "{}: what the keeper saw, and what he did not see.",
        "{} (with a map, a table and two photographs of the keeper.)",
        "{} - our first column, which nobody read at the time.",
    ],
)
def test_a_description_behind_a_link_ends_no_list(item: str) -> None:
    """A link, a dash and a sentence are an item, whatever the length of the sentence."""
    links = [("The dam", "https://x.example/1"), ("The wall", "https://x.example/2")]
    listed = "<br>".join(item.format(f'<a href="{url}">{title}</a>') for title, url in links)
    assert posts(f"<h3>More reading</h3><p>{listed}</p>") == links


def test_a_sentence_with_a_link_in_it_ends_a_list() -> None:
    """It is prose again."""
    html = (
        '<h3>Related posts</h3><p><a href="https://x.example/1">The dam</a></p>'
        '<p>We thank everybody at <a href="https://odde.example">the mill</a> who kept the lamp burning for us.</p>'
    )
    assert posts(html) == [("The dam", "https://x.example/1")]


@pytest.mark.parametrize("between", [" · ", " | ", ", ", " and ", " / "])
def test_titles_on_one_line_are_posts_each(between: str) -> None:
    """With nothing but a sign or "and" between them."""
    links = [(f"The {name}", f"https://x.example/{name}") for name in ("dam", "wall", "mill")]
    line = between.join(f'<a href="{url}">{title}</a>' for title, url in links)
    assert posts(f"<h3>Related posts</h3><p>{line}</p>") == links


@pytest.mark.parametrize(
    "html",
    [
        FIRST * 3_000,
        f"{FIRST}<p>On dams</p>" * 1_500,
        "<p><a href='https://youtu.be/abcdefghij1'></a></p>" * 2_000 + "<p>On dams</p>" * 4_000,
        f"<iframe srcdoc='{'<a href=https:' * 7_000}'></iframe>",
        f"<iframe srcdoc='{'href= ' * 16_000}'></iframe>",
        f"<p>{'youtube ' * 12_000}</p>",
    ],
)
def test_hostile_lists_of_videos_are_read_in_linear_time(html: str) -> None:
    """100 KB of players, captions and unfinished addresses take less than two seconds of a slow machine."""
    with effort() as spent:
        safe = sanitise(f"<h2>Related videos</h2>{html}", URL)
        read(safe, url=URL, title="", language="en", summary="", words=WORDS)
    assert spent.seconds < 2
