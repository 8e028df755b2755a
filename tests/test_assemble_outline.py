"""What a set of posts is about: groups that form by themselves, what they are called, and stories."""

from __future__ import annotations

from random import Random

import pytest

from assembled_news import BENCH, SUBJECTS, THEMES
from assembling import NOW, STRINGS, digest, listed, material
from digest.assemble.drafting import draft
from digest.assemble.grouping import clusters
from digest.assemble.linking import MOST_AT_ONCE
from digest.assemble.naming import labels, names
from digest.assemble.outline import outline
from digest.assemble.window import Material
from digest.model import IssueId
from effort import effort

MATCH = "The striker scored a penalty before half-time, and the goalkeeper of the visitors left the stadium injured."
FINAL = (
    "A late penalty decided the cup final; the goalkeeper had saved two before, and the stadium fell silent."
)
SHARES = (
    "The bank cut its dividend and its shares fell; investors fear that mortgage lending will shrink further."
)
LOANS = "Lending to small firms fell for a third quarter, the bank said, while investors sold its shares and bonds."


def grouped(*posts: Material) -> list[list[str]]:
    """The keys of each group."""
    return sorted(sorted(each.keys) for each in clusters(posts, SUBJECTS))


FOUR = [
    material("a", "Rain", text=MATCH),
    material("b", "Night", text=FINAL),
    material("c", "Dawn", text=SHARES),
    material("d", "Noon", text=LOANS),
]


def test_posts_are_grouped_with_their_like() -> None:
    """By their words and by the common subjects that these belong to, in any order."""
    assert grouped(*FOUR) == grouped(*reversed(FOUR)) == [["a", "b"], ["c", "d"]]


def test_a_post_that_is_like_no_other_stays_alone() -> None:
    """It has neither name nor label."""
    stew = material(
        "e", "Beans", text="Brown the onions, add garlic and beans, and let the stew simmer slowly."
    )
    alone = next(each for each in clusters([*FOUR, stew], SUBJECTS) if "e" in each.keys)
    assert (set(alone.keys), alone.name, alone.label) == ({"e"}, "", "")


def test_two_languages_are_never_one_group() -> None:
    """Their words have nothing to do with each other."""
    assert grouped(material("a", text=MATCH), material("b", text=MATCH, language="de")) == [["a"], ["b"]]


def test_a_group_is_named_by_a_phrase_that_its_posts_have() -> None:
    """As they write it, and not by what everybody says."""
    found = {each.label for each in clusters(FOUR, SUBJECTS)}
    assert len(found) == 2
    for label in found:
        assert sum(label in each.post.text for each in FOUR) >= 2


def test_a_listed_key_theme_names_a_group_before_a_label_before_a_phrase() -> None:
    """What a post says of itself comes first."""
    themed = material("a", text=MATCH, reading=listed("The cup"), labels=("Results",))
    tagged = [material(key, text=MATCH, labels=("Results",)) for key in "bc"]
    assert labels([[themed, *tagged]], SUBJECTS) == ["The cup"]
    assert labels([tagged], SUBJECTS) == ["Results"]
    assert labels([[themed]], SUBJECTS) == [""]


def test_names_are_unique_and_fit_for_addresses() -> None:
    """A label that comes again gets a number."""
    assert names(["Über Wasser!", "", "uber wasser", ""]) == ["uber-wasser", "", "uber-wasser--2", ""]


def test_a_draft_has_a_group_for_what_no_theme_takes() -> None:
    """After the themes, with an anchor of its own; what is like nothing else comes last."""
    stew = material(
        "e", "Beans", text="Brown the onions, add garlic and beans, and let the stew simmer slowly."
    )
    posts = [*FOUR, stew]
    document = draft(
        IssueId("weekly", NOW.date()), digest(), posts, (), (), (), STRINGS, NOW, subjects=SUBJECTS
    )
    anchors = [group.anchor for group in document.groups]
    assert [len(group.picks) for group in document.groups] == [2, 2, 1]
    assert len(set(anchors)) == 3
    assert anchors[-1] == "more"
    assert all(anchor.startswith("group-") for anchor in anchors[:2])


# ── outlines ─────────────────────────────────────────────────────────────────────────────────────


def test_posts_of_a_theme_belong_together_under_its_slug() -> None:
    """Whatever else they are like; the label is its title."""
    found = outline([item.material for item in BENCH.labelled("topics-en.jsonl")], THEMES, SUBJECTS)
    for each in found:
        assert (each.group == each.theme) is bool(each.theme)
        assert each.why.endswith(".")
    assert {each.label for each in found if each.theme == "culture"} == {"Arts and culture"}


def test_without_themes_subjects_are_the_groups() -> None:
    """B-cubed F1 over five topics that nobody named."""
    items = BENCH.labelled("topics-en.jsonl")
    found = outline([item.material for item in items], (), SUBJECTS)
    assert BENCH.b_cubed([each.group for each in found], [item.topic for item in items])[2] >= 0.7


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("stories-en", 0.94),
        ("stories-de", 0.9),
        ("stories-fr", 0.95),
        ("stories-es", 0.95),
        ("stories-it", 0.93),
        ("stories-nl", 0.95),
    ],
)
def test_where_most_posts_tell_a_story_with_others_stories_are_the_groups(name: str, least: float) -> None:
    """And events that resemble each other are two."""
    items = BENCH.labelled(f"{name}.jsonl")
    found = outline([item.material for item in items], (), SUBJECTS)
    assert BENCH.b_cubed([each.story for each in found], [item.story for item in items])[2] >= least
    assert all(each.group == each.story for each in found)


@pytest.mark.parametrize(("name", "least"), [("stories-en", 0.8), ("stories-de", 0.85), ("stories-nl", 0.95)])
def test_stories_are_found_where_no_post_says_its_day(name: str, least: float) -> None:
    """Their words have to do."""
    items = BENCH.labelled(f"{name}.jsonl")
    posts = [item.material for item in items]
    found = outline(posts, (), SUBJECTS, undated={each.post.key for each in posts})
    assert BENCH.b_cubed([each.story for each in found], [item.story for item in items])[2] >= least


def test_posts_about_one_thing_are_not_grouped_by_what_is_left_of_their_subjects() -> None:
    """In a feed about software, a word of business and one of sport are chance."""
    names = ("Quell", "Tarn", "Brisk", "Ostler", "Fennick", "Marl", "Gorse", "Linnet")
    extras = ("profit", "profit", "goal", "goal", "", "", "", "")
    posts = [
        material(f"r{n}", f"{name} 2.{n} released", text=f"The software {name} runs on a server. {extra}")
        for n, (name, extra) in enumerate(zip(names, extras, strict=True))
    ]
    assert all(len(each.keys) < 4 for each in clusters(posts, SUBJECTS))


def test_more_posts_than_are_compared_at_once_are_grouped_all_the_same() -> None:
    """The rest join the groups that a part of them made."""
    topics = [f"{' '.join(f'word{topic}x{n}' for n in range(12))}" for topic in range(40)]
    posts = [
        material(f"p{n:05}", topics[n % 40].split()[n % 12], text=topics[n % 40])
        for n in range(MOST_AT_ONCE + 500)
    ]
    assert len(clusters(posts, SUBJECTS)) == 40


@pytest.mark.parametrize("text", ["goal " * 300, " ".join(f"w{n}" for n in range(300)), "“Ha” " * 300])
def test_a_feed_of_a_thousand_hostile_entries_is_outlined_in_seconds(text: str) -> None:
    """Copies of one post, with a number each; with themes and all."""
    posts = [material(f"p{n:04}", f"Post {n}", text=f"{text} {n}") for n in range(1000)]
    with effort() as spent:
        outline(posts, THEMES, SUBJECTS)
    assert spent.seconds < 5  # 1 to 2 on a quiet machine


def test_the_order_of_the_posts_changes_no_outline() -> None:
    """Nor any name."""
    posts = [item.material for item in BENCH.labelled("topics-fr.jsonl")]
    shuffled = posts[:]
    Random(3).shuffle(shuffled)
    assert sorted(outline(shuffled, (), SUBJECTS), key=str) == sorted(outline(posts, (), SUBJECTS), key=str)


def test_nothing_makes_nothing() -> None:
    """An empty feed is no mistake."""
    assert outline((), THEMES, SUBJECTS) == outline((), (), SUBJECTS) == ()
