"""Sources, posts, readers and the log through the API."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from api import READERS, Api, Client, drafted_in
from digest.model import Role


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with drafted_in(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def mira(api: Api) -> Client:
    return api.client(*Role)


def number_of(client: Client, address: str) -> int:
    (found,) = client.get("/subscribers", begins=address).json()["items"]
    number: int = found["number"]
    return number


# ── sources and posts ────────────────────────────────────────────────────────────────────────────


def test_an_address_is_tried_before_it_is_followed(api: Api, mira: Client) -> None:
    """It shows what would be read in its posts, and nothing is stored."""
    tried = mira.post("/lookups", {"url": api.place.server.url("/feed")}).json()
    assert (tried["title"], tried["entries"]) == ("Mill Lane", 3)
    assert "Nobody in Hollin asked the mill" in tried["newest"][0]["quotes"][0]["text"]
    assert [source["slug"] for source in mira.get("/sources").json()] == ["hollin"]


def test_a_source_is_followed_changed_and_removed(api: Api, mira: Client) -> None:
    """Each is in the log; what a setting of config.toml may not be, it may not be here."""
    added = mira.post(
        "/sources", {"url": api.place.server.url("/other"), "slug": "lane", "weight": 2, "labels": ["Coast"]}
    )
    assert (added.status_code, added.json()["settings"]["weight"]) == (201, "2.0")
    changed = mira.send("PATCH", "/sources/lane", json={"title": "The lane", "labels": None}).json()
    assert (changed["title"], changed["settings"]["labels"]) == ("The lane", "")
    assert mira.send("PATCH", "/sources/lane", json={"weight": 11}).status_code == 422
    assert mira.post("/sources", {"url": api.place.server.url("/other")}).status_code == 409
    assert mira.send("DELETE", "/sources/lane").status_code == 204
    assert mira.get("/sources/lane").status_code == 404
    assert [action for action in api.log() if "source" in action] == [
        "add source",
        "change source",
        "remove source",
    ]


def test_what_stands_in_the_file_is_changed_there(mira: Client) -> None:
    """The sentence says so."""
    refused = mira.send("DELETE", "/sources/hollin")
    assert (refused.status_code, "config.toml" in refused.json()["detail"]) == (409, True)
    assert mira.send("PATCH", "/sources/hollin", json={"title": "x"}).status_code == 409


def test_an_address_where_nothing_is_to_be_had_is_refused(mira: Client) -> None:
    """As is one that may not be contacted."""
    for url in ("http://127.0.0.1:9/", "no address", "file:///etc/hosts"):
        assert mira.post("/lookups", {"url": url}).status_code == 422


def test_posts_are_listed_the_newest_first_and_found_by_address(mira: Client) -> None:
    """Page by page; of one source, and since a time."""
    first = mira.get("/posts", limit=2).json()
    second = mira.get("/posts", limit=2, cursor=first["next"]).json()
    titles = [post["title"] for post in first["items"] + second["items"]]
    assert titles[:3] == ["The mill", "The weir", "The ford"]
    assert [
        post["title"] for post in mira.get("/posts", called="https://hollin.test/weir").json()["items"]
    ] == ["The weir"]
    assert mira.get("/posts", called="https://hollin.test/no").json()["items"] == []
    assert mira.get("/posts", source="nobody").json()["items"] == []
    assert len(mira.get("/posts", since=first["items"][1]["published"]).json()["items"]) == 2
    assert mira.get("/posts", since="1").status_code == 422


def test_themes_are_listed_with_their_terms(mira: Client) -> None:
    """As config.toml has them."""
    assert {theme["slug"]: theme["terms"] for theme in mira.get("/themes").json()}["water"] == [
        "water",
        "well",
        "river",
    ]


# ── readers ──────────────────────────────────────────────────────────────────────────────────────


def test_readers_are_listed_page_by_page_and_found_by_how_they_begin(mira: Client) -> None:
    """With what they subscribe to."""
    first = mira.get("/subscribers", limit=2, digest="weekly", state="confirmed").json()
    rest = mira.get("/subscribers", limit=2, digest="weekly", state="confirmed", cursor=first["next"]).json()
    assert [row["address"] for row in (first["items"] + rest["items"])[:3]] == list(READERS)
    (ada,) = mira.get("/subscribers", begins="ADA@").json()["items"]
    assert ada["subscriptions"][0]["digest"] == "weekly"


def test_a_reader_is_shown_with_what_they_agreed_to(mira: Client) -> None:
    """Where they subscribe, and since when."""
    shown = mira.get(f"/subscribers/{number_of(mira, 'ada@')}").json()
    assert shown["subscriptions"][0]["state"] == "confirmed"
    assert mira.get("/subscribers/999999").status_code == 404


def test_all_that_is_kept_of_a_reader_is_exported(api: Api, mira: Client) -> None:
    """Which is logged, without their address."""
    number = number_of(mira, "ada@")
    data = mira.get(f"/subscribers/{number}/data").json()
    assert (data["address"], data["subscriptions"][0]["digest"]) == ("ada@hollin.test", "weekly")
    entry = mira.get("/log", limit=1).json()["items"][0]
    assert (entry["action"], "ada@" in json.dumps(entry)) == ("export", False)


def test_a_person_is_asked_or_added_with_their_consent(api: Api, mira: Client) -> None:
    """Without consent they get a mail and are in no digest; with it they are, and where from is kept."""
    asked = mira.post("/subscribers", {"address": "dov@hollin.test", "digest": "weekly"})
    assert "is asked by mail" in asked.json()["sentence"]
    wanted = {
        "address": "eli@hollin.test",
        "digest": "weekly",
        "themes": ["water"],
        "consent": "on paper, at the fair",
    }
    assert mira.post("/subscribers", wanted).ok
    eli = mira.get(f"/subscribers/{number_of(mira, 'eli@')}").json()
    assert eli["subscriptions"][0]["consent_source"] == "on paper, at the fair"
    assert [(step["step"], step["digest"]) for step in eli["consents"]] == [("added", "weekly")]
    assert mira.post("/subscribers", {"address": "eli@hollin.test", "digest": "daily"}).status_code == 404


def test_who_asked_us_to_leaves(mira: Client) -> None:
    """And comes back by their own hand only."""
    number = number_of(mira, "cy@")
    left = mira.post(f"/subscribers/{number}/leave", {"digest": "weekly", "why": "by telephone"}).json()
    assert left["subscriptions"][0]["state"] == "unsubscribed"
    again = {"address": "cy@hollin.test", "digest": "weekly", "consent": "says a colleague"}
    assert mira.post("/subscribers", again).status_code == 409


def test_an_address_is_never_written_to_until_that_is_lifted(mira: Client) -> None:
    """With the reason."""
    word = {"address": "bo@hollin.test", "why": "by telephone"}
    assert mira.post("/suppressions", word).status_code == 204
    (barred,) = mira.get("/suppressions", begins="bo@").json()["items"]
    assert (barred["address"], barred["reason"], barred["cause"]) == (
        "bo@hollin.test",
        "by telephone",
        "person",
    )
    assert mira.post("/suppressions/lift", word).status_code == 204
    assert mira.get("/suppressions").json() == {"items": [], "next": None}
    assert mira.post("/suppressions/lift", word).status_code == 404


def test_a_person_is_forgotten_by_who_is_sure(api: Api, mira: Client) -> None:
    """Their address stands nowhere afterwards, not in the log either."""
    wanted = {"address": "gil@hollin.test", "digest": "weekly", "consent": "on paper"}
    mira.post("/subscribers", wanted)
    assert mira.post("/erasures", {"address": "gil@hollin.test", "sure": False}).status_code == 409
    assert mira.post("/erasures", {"address": "gil@hollin.test", "sure": True}).status_code == 204
    assert mira.get("/subscribers", begins="gil@").json()["items"] == []
    assert "gil@" not in mira.get("/log", limit=200).text


# ── records ──────────────────────────────────────────────────────────────────────────────────────


def test_the_log_is_read_backwards_page_by_page(api: Api, mira: Client) -> None:
    """All of it, or what was done to one thing."""
    found = [entry["action"] for entry in mira.pages("/log", limit=5)]
    assert found[::-1] == api.log()
    about = mira.get("/log", subject="mira@hollin.test").json()["items"]
    assert {entry["action"] for entry in about} == {"add editor", "give token"}


def test_a_program_learns_whose_it_is(api: Api, mira: Client) -> None:
    """And an admin's, who works here; no hash of a password is among it."""
    assert mira.get("/me").json()["address"] == "mira@hollin.test"
    (editor,) = mira.get("/editors").json()
    assert set(editor) == {"address", "name", "roles", "zone", "left_at", "asks_for_codes"}


# ── themes, held posts, what came back ───────────────────────────────────────────────────────────


def test_a_theme_is_tried_added_changed_merged_and_removed(mira: Client) -> None:
    """What it would gain is told before it is saved; nobody changes one that they have not seen."""
    wanted = {"slug": "mills", "title": "Mills", "terms": ["mill"]}
    tried = mira.post("/trials", wanted).json()
    assert (tried["before"], tried["after"]) == (0, len(tried["gained"]))
    assert mira.get("/themes/mills").status_code == 404
    added = mira.post("/themes", wanted)
    assert (added.status_code, added.json()["terms"]) == (201, ["mill"])
    assert mira.post("/themes", wanted).status_code == 409
    languages = [{"language": "de", "terms": ["Mühle"]}]
    changed = {"title": "Mills", "terms": ["mill", "miller"], "weight": 2, "terms_by_language": languages}
    assert mira.send("PUT", "/themes/mills", json=changed).status_code == 428
    seen = {"If-Match": added.headers["ETag"]}
    saved = mira.send("PUT", "/themes/mills", headers=seen, json=changed).json()
    assert (saved["terms"], saved["weight"], saved["terms_by_language"]) == (
        ["mill", "miller"],
        2.0,
        languages,
    )
    assert mira.send("PUT", "/themes/mills", headers=seen, json=changed).status_code == 412
    assert mira.post("/themes/mills/merge", {"into": "nowhere"}).status_code == 404
    assert mira.send("DELETE", "/themes/mills").status_code == 204
    assert mira.send("DELETE", "/themes/water").status_code == 409  # it stands in config.toml


def test_held_posts_are_let_in(mira: Client) -> None:
    """Those that are none are counted as none."""
    assert mira.get("/posts/held").json() == []
    assert mira.post("/posts/release", {"posts": ["nothing"]}).json() == {"released": 0}


def test_what_came_back_is_listed(mira: Client) -> None:
    """Nothing did."""
    assert mira.get("/bounces", since="2026-11-01T00:00:00Z").json() == []
