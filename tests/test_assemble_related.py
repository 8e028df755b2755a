"""Related posts and videos of a pick, each with the reason it is there."""

from __future__ import annotations

import pytest

from assembling import SCHOOLS, WATER, channel_video, material, youtube
from digest.assemble.related import (
    assign_posts,
    assign_videos,
    caption,
    forbidden_videos,
    list_new_videos,
    own_video,
    repeated_lines,
    video_key,
)
from digest.assemble.window import Material
from digest.model import Link, Reading, Rule, RuleKind, Video

HARBOUR = "The inquiry into the harbour crane heard the crane driver. He had asked for an inspection of the brakes twice."
CRANE = channel_video(
    "crane", "The crane inquiry: a driver speaks", "At the harbour inquiry a driver describes the brakes."
)
BREAD = channel_video("bread", "Two hundred loaves before six", "A night with the bakers of Lower Brim.")


def videos(picks: list[Material], new: list[Material], *rules: Rule) -> dict[str, list[str]]:
    """The titles or ids of the videos under each pick."""
    found = assign_videos(picks, new, forbidden_videos(rules))
    return {key: [each.video.id for each in under] for key, under in found.items()}


def reasons(picks: list[Material], new: list[Material]) -> list[str]:
    """Why each video is there."""
    return [each.why for under in assign_videos(picks, new, frozenset()).values() for each in under]


# ── videos ───────────────────────────────────────────────────────────────────────────────────────


def test_what_the_post_lists_comes_before_what_it_embeds() -> None:
    """Each with its own reason."""
    reading = Reading(related_videos=(youtube("listed"),), embedded_videos=(youtube("embedded"),))
    pick = material("a", reading=reading)
    found = assign_videos([pick], [], frozenset())["a"]
    assert [each.why for each in found] == ["The post lists it.", "The post shows it."]


def test_a_video_is_shown_once_however_it_is_spelled() -> None:
    """Listed and embedded, by one post and by the next."""
    short = Video("youtube", youtube("one").id, "https://youtu.be/one")
    first = material("a", reading=Reading(related_videos=(youtube("one"),), embedded_videos=(short,)))
    second = material("b", reading=Reading(embedded_videos=(youtube("one"), youtube("two"))))
    assert videos([first, second], []) == {"a": [youtube("one").id], "b": [youtube("two").id]}


def test_a_pick_has_at_most_three_videos() -> None:
    """What is over is not lost: a channel's own video stays among the new ones."""
    many = Reading(embedded_videos=tuple(youtube(f"v{number}") for number in range(9)))
    assert len(videos([material("a", reading=many)], [])["a"]) == 3


def test_a_forbidden_video_is_never_shown() -> None:
    """By any spelling of its address; a retired rule forbids nothing."""
    pick = material("a", reading=Reading(embedded_videos=(youtube("bad"),)))
    rule = Rule(RuleKind.NEVER_VIDEO, f"https://youtu.be/{youtube('bad').id}?t=3")
    assert videos([pick], [], rule) == {"a": []}
    assert videos([pick], [], Rule(RuleKind.NEVER_VIDEO, rule.subject, retired=True)) == {
        "a": [youtube("bad").id]
    }


def test_an_embedded_video_takes_its_title_from_its_channel() -> None:
    """A player in a post seldom says what it plays."""
    pick = material("a", reading=Reading(embedded_videos=(youtube("crane"),)))
    [found] = assign_videos([pick], [CRANE], frozenset())["a"]
    assert (found.video.title, found.video.channel) == (CRANE.post.title, "Channel")


def test_a_new_video_that_links_to_a_pick_stands_under_it() -> None:
    """With or without tracking in the link."""
    new = channel_video("v", "A talk", "Read it: https://harbour.example.org/a.html?utm_source=tube.")
    assert videos([material("b"), material("a")], [new]) == {"b": [], "a": [own_video(new).id]}


def test_a_new_video_that_a_pick_links_to_stands_under_it() -> None:
    """The post says so in a plain link."""
    link = f'<p>See <a href="https://youtu.be/{youtube("v").id}?si=x&amp;t=9">this</a></p>'
    assert reasons([material("a", html=link)], [channel_video("v", "A talk")]) == ["The post links to it."]


def test_a_new_video_goes_to_the_pick_it_is_most_like() -> None:
    """And says which words the two share."""
    picks = [
        material("oven", "Six in the morning", text=BREAD.post.text),
        material("crane", "The crane", text=HARBOUR),
    ]
    assert videos(picks, [CRANE, BREAD]) == {"oven": [own_video(BREAD).id], "crane": [own_video(CRANE).id]}
    assert any("“crane”" in why for why in reasons(picks, [CRANE]))


def test_likeness_ends_after_two_weeks() -> None:
    """An old post is not about this week's video."""
    old = material("a", "The crane", text=HARBOUR, days_old=16)
    other = material("b", "Six in the morning", text=BREAD.post.text)
    assert videos([old, other], [CRANE]) == {"a": [], "b": []}


def test_a_video_about_something_else_stands_under_no_pick() -> None:
    """Better none than a wrong one."""
    picks = [
        material("a", "The crane", text=HARBOUR),
        material("b", "Chess for beginners", text="Losing with grace."),
    ]
    assert videos(picks, [BREAD]) == {"a": [], "b": []}


def test_a_listed_video_stays_with_its_post_even_if_it_is_more_like_another() -> None:
    """What a post says of itself outweighs likeness."""
    lister = material("a", "Letters", reading=Reading(related_videos=(own_video(CRANE),)))
    like = material("b", "The crane", text=HARBOUR)
    assert videos([like, lister], [CRANE]) == {"a": [own_video(CRANE).id], "b": []}


def test_new_videos_are_listed_newest_first_with_a_first_sentence() -> None:
    """Without links, hashtags and the labels of links."""
    text = "Subscribe: https://tube.example.org/c\n#crane #harbour\nHello all! A driver speaks of brakes. He asked twice. #work"
    new = channel_video("a", "The crane", text, days_old=2)
    listed = list_new_videos([new, channel_video("b", "Bread", days_old=1)], frozenset())
    assert [(each.post, each.blurb) for each in listed] == [("b", ""), ("a", "A driver speaks of brakes.")]
    assert listed[1].video == own_video(new)


def test_videos_that_are_shown_or_doubled_are_not_listed() -> None:
    """Two channels may carry the same video."""
    twin = channel_video("twin", "The crane, again", video=youtube("crane"), days_old=3)
    assert [each.post for each in list_new_videos([twin, CRANE, BREAD], {video_key(own_video(BREAD))})] == [
        "crane"
    ]


def test_a_caption_ends_before_what_every_video_of_a_channel_says() -> None:
    """Six hundred characters at most, whatever the description holds."""
    assert len(caption(channel_video("a", "A talk", "words and words " * 400))) <= 600


def test_what_a_channel_says_under_every_video_is_no_description() -> None:
    """The lines are told by coming back, in any language; another channel may say the same."""
    new = [
        channel_video(
            key, f"Talk {key}", f"- JOIN OUR CLUB NOW!\n• Talk {key} begins in a barn.\nSee you there."
        )
        for key in "ab"
    ]
    repeated = repeated_lines(new)
    assert repeated == {"JOIN OUR CLUB NOW!", "See you there."}
    assert [each.blurb for each in list_new_videos(new, (), repeated)] == [
        "Talk a begins in a barn.",
        "Talk b begins in a barn.",
    ]
    assert (
        repeated_lines([new[0], new[0], channel_video("c", "Talk", new[0].post.text, source="other")])
        == frozenset()
    )


def test_a_video_of_an_unknown_platform_is_known_by_its_address() -> None:
    """With or without tracking in it."""
    one, other = Video("", "", "https://tube.example.org/w/1"), Video("", "", "https://tube.example.org/w/2")
    again = Video("", "", "https://tube.example.org/w/1?utm_source=feed")
    found = assign_videos(
        [material("a", reading=Reading(related_videos=(one, again, other)))], [], frozenset()
    )["a"]
    assert [each.video for each in found] == [one, other]


def test_a_post_of_a_channel_without_a_player_is_the_video_at_its_address() -> None:
    """Some feeds name only the page."""
    bare = channel_video("v", "A talk", videos=())
    assert own_video(bare).id == youtube("v").id
    assert (
        own_video(channel_video("v", "A talk", videos=(), url="https://a.example.org/v")).url
        == "https://a.example.org/v"
    )


def test_the_reason_for_likeness_names_the_words_that_weigh_most() -> None:
    """Not those that every post uses."""
    picks = [
        material("crane", "The crane", text=HARBOUR + " A driver speaks."),
        material("b", "A driver", text=BREAD.post.text),
    ]
    [why] = reasons(picks, [CRANE])
    assert why.startswith("It tells of the same: “crane”")


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def posts(picks: list[Material], archive: list[Material], theme: str = "water") -> dict[str, list[str]]:
    """The titles under each pick, where picks and archive are all of one theme."""
    found = assign_posts(
        [(each, theme) for each in picks], [(each, theme) for each in archive], (WATER, SCHOOLS)
    )
    return {key: [each.link.title for each in under] for key, under in found.items()}


def lister(key: str, *urls: str) -> Material:
    """A post that lists related posts at these addresses."""
    return material(key, reading=Reading(related_posts=tuple(Link(f"to {url[-6:]}", url) for url in urls)))


def test_what_the_post_lists_comes_first_and_then_older_posts_on_its_theme() -> None:
    """Each with its reason."""
    pick = lister("a", "https://harbour.example.org/other.html")
    older = material("old", "The river in March", days_old=90)
    found = assign_posts([(pick, "water")], [(older, "water")], (WATER,))["a"]
    assert [each.why for each in found] == ["The post lists it.", "An earlier post of ours on Water."]


def test_a_pick_is_related_neither_to_itself_nor_to_another_pick() -> None:
    """They stand in the issue already; nor is an address named twice, or a title without one."""
    again = "https://harbour.example.org/old.html"
    pick = lister(
        "a", "https://harbour.example.org/a.html", "https://harbour.example.org/b.html", again, again, ""
    )
    assert posts([pick, material("b")], []) == {"a": ["to d.html"], "b": []}


@pytest.mark.parametrize("days_old", [0.5, -3])
def test_a_post_that_is_newer_than_the_pick_is_no_earlier_one(days_old: float) -> None:
    """Related posts look back."""
    assert posts([material("a")], [material("new", days_old=days_old)]) == {"a": []}


def test_older_posts_are_at_most_three_the_likest_first_and_each_once() -> None:
    """Two picks on one theme do not offer the same four posts."""
    archive = [material(f"o{number}", f"River {number}", days_old=30 + number) for number in range(4)]
    like = material("like", "The crane inquiry again", text=HARBOUR, days_old=300)
    found = posts([material("a", "The crane", text=HARBOUR), material("b")], [*archive, like])
    assert found == {"a": ["The crane inquiry again", "River 0", "River 1"], "b": ["River 2", "River 3"]}


def test_listed_and_older_posts_are_three_together() -> None:
    """What the post lists takes the place of what we add."""
    pick = lister("a", "https://harbour.example.org/one.html", "https://harbour.example.org/two.html")
    archive = [material(f"o{number}", days_old=30 + number) for number in range(4)]
    assert len(posts([pick], archive)["a"]) == 3
    many = lister("a", *(f"https://harbour.example.org/n{number}.html" for number in range(9)))
    assert len(posts([many], archive)["a"]) == 3


def test_without_a_theme_there_are_only_listed_posts() -> None:
    """Nothing says what an older post would have to be about."""
    assert posts([material("a")], [material("old", days_old=90)], theme="") == {"a": []}


def test_reasons_are_sentences() -> None:
    """A person reads them."""
    pick = material("a", "The crane", text=HARBOUR, reading=Reading(embedded_videos=(youtube("x"),)))
    other = material("b", "Bread", text=BREAD.post.text)
    assert all(why.endswith(".") for why in reasons([pick, other], [CRANE, BREAD]))
