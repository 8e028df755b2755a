"""What posts mean beside their words, with points that a test makes up: of two numbers, north and east."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import NOW, STRINGS, channel_video, digest, material
from digest.assemble.drafting import draft
from digest.assemble.grouping import clusters
from digest.assemble.linking import MOST_AT_ONCE
from digest.assemble.meanings import Meanings, packed, text_of, texts, unpacked
from digest.assemble.outline import outline
from digest.assemble.placing import place
from digest.assemble.related import assign_videos
from digest.assemble.stories import tellings
from digest.assemble.subjects import NO_SUBJECTS, read
from digest.assemble.window import Material
from digest.model import IssueId, Theme

SEA = Theme("sea", "Sea", ("harbour", "ferry"))
SOIL = Theme("soil", "Soil", ("field", "plough"))
NORTH, EAST, BETWEEN = (1.0, 0.0), (0.0, 1.0), (0.6, 0.8)

FERRY = "Alle Fahrgäste kamen in der Nacht trocken ans Ufer, sagt der Kapitän, obwohl das Boot zwei Stunden trieb."
SHIP = "Nobody was hurt when the vessel drifted for two hours; the passengers stepped ashore before the morning came."
OTHER = "The choir of Lower Brim sings on Sunday, and whoever wants to may bring a cake, a chair and their own voice."


def points(**known: tuple[float, float]) -> dict[str, tuple[float, float]]:
    return known


def meant(known: dict[str, tuple[float, float]], *posts: tuple[Material, tuple[float, float]]) -> Meanings:
    """The points of some words and of some posts, as they come from an encoder."""
    said = {**known, **{text_of(each.post): point for each, point in posts}}
    return unpacked({text: packed(point) for text, point in said.items()})


TERMS = points(Sea=NORTH, harbour=NORTH, ferry=NORTH, Soil=EAST, field=EAST, plough=EAST)


def test_a_post_without_a_term_comes_under_the_theme_it_means() -> None:
    """In a language that the theme has no terms in; its words alone say nothing."""
    post = material("a", "Glück im Nebel", text=FERRY, language="de")
    known = meant(TERMS, (post, NORTH))
    assert place([post], (SEA, SOIL), (), NO_SUBJECTS)["a"].theme == ""
    found = place([post], (SEA, SOIL), (), NO_SUBJECTS, known)["a"]
    assert found.theme == "sea"
    assert found.why == "It reads like the posts under Sea: what it says is close to “Sea” and “ferry”."


def test_a_post_that_means_nothing_of_the_kind_has_no_theme() -> None:
    """What is as near to common subjects as to the theme belongs to none."""
    fields = read({"en": {"music": "choir voice"}})
    post = material("a", text=OTHER)
    known = meant({**TERMS, "music": (-1.0, 0.2)}, (post, (-1.0, 0.1)))
    assert place([post], (SEA, SOIL), (), fields, known)["a"].theme == ""


def test_what_a_post_says_of_itself_outweighs_what_it_means() -> None:
    """A label decides, whatever is near."""
    post = material("a", text=FERRY, labels=("plough",))
    assert place([post], (SEA, SOIL), (), NO_SUBJECTS, meant(TERMS, (post, NORTH)))["a"].theme == "soil"


def test_two_languages_are_one_group_where_they_mean_the_same() -> None:
    """And two where they do not."""
    posts = [
        (material("a", text=FERRY, language="de"), NORTH),
        (material("b", text=SHIP), NORTH),
        (material("c", text=OTHER), EAST),
        (material("d", text=OTHER.replace("choir", "Chor"), language="de"), EAST),
    ]
    found = clusters([each for each, _ in posts], NO_SUBJECTS, meant({}, *posts))
    assert sorted(sorted(each.keys) for each in found) == [["a", "b"], ["c", "d"]]


def test_two_languages_tell_one_story_where_they_mean_the_same() -> None:
    """On the same days; on others it is another one."""
    pair = [
        (material("a", text=FERRY, language="de", source="bay"), NORTH),
        (material("b", text=SHIP, source="cove"), NORTH),
    ]
    late = (material("c", text=SHIP, source="dune", days_old=30), NORTH)
    known = meant({}, *pair, late)
    found = tellings([each.post for each, _ in (*pair, late)], (), known)
    assert found[0, 1] >= 1
    assert (0, 2) not in found
    assert tellings([each.post for each, _ in pair]) == {}


def test_a_title_alone_tells_no_story_whatever_it_means() -> None:
    """Two columns of one name are not one story."""
    pair = [
        (material("a", "The week", text="", source="bay"), NORTH),
        (material("b", "The week", text="", source="cove"), NORTH),
    ]
    assert tellings([each.post for each, _ in pair], (), meant({}, *pair)) == {}


def test_a_draft_takes_meanings() -> None:
    """A post in another language stands under the theme, and two that tell the same are one pick."""
    posts = [
        (material("a", text=SHIP, source="bay"), NORTH),
        (material("b", text=FERRY, language="de", source="cove"), NORTH),
        (material("c", text=OTHER, source="dune"), EAST),
    ]
    made = draft(
        IssueId("weekly", NOW.date()),
        digest(),
        [each for each, _ in posts],
        (),
        (SEA,),
        (),
        STRINGS,
        NOW,
        meanings=meant(TERMS, *posts),
    )
    assert [group.title for group in made.groups] == ["Sea", "More posts"]
    assert made.groups[0].picks[0].why.endswith("Also told by Cove.")


def test_a_video_stands_under_a_post_in_another_language() -> None:
    """Where it means much the same; under none where it means something else."""
    post = (material("a", "Adrift", text=SHIP), NORTH)
    same = (channel_video("b", "Zwei Stunden auf See", FERRY, language="de"), NORTH)
    other = (channel_video("c", "Das Chorfest", "Am Sonntag singt der Chor.", language="de"), EAST)
    new = [same[0], other[0]]
    found = assign_videos([post[0]], new, (), (), meant({}, post, same, other))
    assert [(each.video.title, each.why) for each in found["a"]] == [
        ("Zwei Stunden auf See", "Its description means much the same.")
    ]
    assert assign_videos([post[0]], new, ()) == {"a": ()}


def test_what_is_not_known_goes_by_words() -> None:
    """With the points of some posts only, and of no term: nothing is found that words do not find, and nothing fails."""
    posts = [(material("a", "Adrift", text=SHIP), NORTH), (material("b", "Saved", text=SHIP), NORTH)]
    unknown = material("c", "Songs", text=OTHER)
    found = outline([*(each for each, _ in posts), unknown], (SEA,), NO_SUBJECTS, (), meant({}, *posts))
    assert [each.theme for each in found] == ["", "", ""]
    assert found[0].group == found[1].group != found[2].group


def test_the_order_of_posts_does_not_matter() -> None:
    """Nor that of what is known of them."""
    chance = Random(3)
    posts = [
        (material(f"p{number}", text=f"{SHIP} {number}"), (chance.random(), chance.random()))
        for number in range(40)
    ]
    known = meant(TERMS, *posts)
    turned = dict(sorted(known.items(), reverse=True))
    forth = outline([each for each, _ in posts], (SEA, SOIL), NO_SUBJECTS, (), known)
    back = outline([each for each, _ in reversed(posts)], (SEA, SOIL), NO_SUBJECTS, (), turned)
    assert sorted(forth, key=lambda each: each.post) == sorted(back, key=lambda each: each.post)


def test_of_very_many_posts_the_rest_joins_the_group_it_means() -> None:
    """Beyond what is compared each with each."""
    posts = [
        (material(f"p{number:05}", f"w{number} x{number}", text=f"y{number}"), NORTH if number % 2 else EAST)
        for number in range(MOST_AT_ONCE + 50)
    ]
    found = clusters([each for each, _ in posts], NO_SUBJECTS, meant({}, *posts))
    assert sorted(len(each.members) for each in found) == [775, 775]


# ── what is asked of an encoder ──────────────────────────────────────────────────────────────────


def test_posts_terms_and_subjects_are_asked_for_once() -> None:
    """Terms of the languages that occur; of a post its title and the beginning of its text."""
    theme = Theme("sea", "Sea", ("ferry",), terms_by_language=(("de", ("Fähre",)), ("fr", ("bac",))))
    fields = read({"en": {"music": "choir"}, "de": {"music": "Chor"}})
    post = material("a", "Nebel", text="x" * 5_000, language="de").post
    asked = texts([post, post], (theme, theme), fields, {"de"})
    assert asked == ("Nebel. " + "x" * 600, "Sea", "ferry", "Fähre", "music")


def test_posts_in_languages_that_no_encoder_knows_are_not_asked_for() -> None:
    """They go by their words."""
    post = material("a", "Nebel", text="x", language="fo").post
    assert texts([post], (), NO_SUBJECTS, {"de"}) == ()


@given(
    st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=64).filter(lambda row: max(map(abs, row)) > 0.1)
)
def test_a_point_in_a_quarter_of_the_room_points_the_same_way(row: list[float]) -> None:
    """To a cosine of 0.999; its length is 1 whatever it was."""
    exact = np.array(row) / np.linalg.norm(row)
    found = unpacked({"": packed(row)})[""]
    assert found @ exact == pytest.approx(1, abs=0.001)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_a_point_of_nothing_is_like_nothing() -> None:
    """And divides by no zero."""
    assert not unpacked({"": packed([0.0, 0.0])})[""].any()
