"""Issues through the API: seen whole, changed by whoever has seen them as they are, approved, previewed, left out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import SUNDAY, Api, Client, drafted_in
from digest.api.shapes.issues import edit_seen, matches, tag_of
from digest.assemble.editing import Change
from digest.model import Role
from digest.pipeline.drafts import editing


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with drafted_in(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def mira(api: Api) -> Client:
    return api.client(Role.EDITOR, Role.PUBLISHER)


@pytest.fixture
def issue(api: Api) -> str:
    """The path of an issue of this test's own."""
    return f"/issues/{api.extra()}"


def change(client: Client, issue: str, tag: dict[str, str], **wanted: object) -> int:
    return client.post(f"{issue}/edits", wanted, tag).status_code


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def test_an_issue_has_its_groups_picks_and_quotes(mira: Client, issue: str) -> None:
    """And what comes next, in a sentence."""
    shown = mira.get(issue).json()
    picks = {pick["title"]: pick for group in shown["groups"] for pick in group["picks"]}
    assert picks.keys() == {"The mill", "The weir", "The ford"}
    assert "Nobody in Hollin asked the mill" in picks["The mill"]["quotes"][0]["quote"]["text"]
    assert (shown["state"], shown["edit"]) == ("draft", 0)
    assert "approve" in shown["next"]


def test_a_digest_stands_as_it_does(mira: Client) -> None:
    """With its next issue, and when that goes out."""
    (weekly,) = mira.get("/digests").json()
    assert (weekly["slug"], weekly["issue"], weekly["state"]) == ("weekly", str(SUNDAY), "draft")
    assert mira.get("/digests/weekly").json() == weekly
    assert mira.get("/digests/daily").status_code == 404


def test_issues_are_listed_page_by_page(api: Api, mira: Client) -> None:
    """Each once, with the cursor of the page before; by state where one is asked for."""
    extras = {str(api.extra()) for _ in range(3)}
    found = [row["id"] for row in mira.pages("/issues", limit=2)]
    assert found[0] == str(SUNDAY)
    assert {*found} > extras
    assert len({*found}) == len(found)
    assert mira.get("/issues", state="published").json() == {"items": [], "next": None}
    assert mira.get("/issues", cursor="bm9uZQ").status_code == 422


def test_what_can_be_chosen_from_a_post_is_told(mira: Client, issue: str) -> None:
    """Every quote found in it, in its context, and how the issue prints it."""
    pick = mira.get(issue).json()["groups"][0]["picks"][0]
    choices = mira.get(f"{issue}/picks/{pick['post']}").json()
    assert choices["quotes"][0]["printed"]["id"] == pick["quotes"][0]["id"]
    assert mira.get(f"{issue}/picks/nothing").status_code == 404


@pytest.mark.parametrize(
    ("form", "kind", "words"),
    [
        ("mail.html", "text/html", "<html"),
        ("mail.txt", "text/plain", "The mill"),
        ("page.html", "text/html", "The mill"),
    ],
)
def test_an_issue_is_previewed(mira: Client, form: str, kind: str, words: str, issue: str) -> None:
    """Under a policy that runs nothing of it, wherever it is opened."""
    shown = mira.get(f"{issue}/preview/{form}")
    assert shown.headers["Content-Type"].startswith(kind)
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert words in shown.text
    assert mira.get(f"{issue}/preview/mail.exe").status_code == 422


def test_what_is_to_be_mended_is_told(mira: Client, issue: str) -> None:
    """The same findings as at the desk."""
    findings = mira.get(f"{issue}/findings").json()
    assert findings["problems"] == []
    assert {"rule", "severity", "where", "sentence"} == set(findings["findings"][0])


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_changed_by_who_has_seen_it(api: Api, mira: Client, issue: str) -> None:
    """Its tag changes with it, and the change has its maker's name."""
    tag = mira.tag(issue)
    post = mira.get(issue).json()["groups"][0]["picks"][0]["post"]
    changed = mira.post(f"{issue}/edits", {"title": "Mills", "drop": [post]}, tag)
    assert (changed.json()["title"], changed.json()["dropped"], changed.json()["edit"]) == (
        "Mills",
        [post],
        1,
    )
    assert changed.headers["ETag"] != tag["If-Match"]
    (edit,) = mira.get(f"{issue}/edits").json()
    assert (edit["number"], edit["by"]) == (1, "mira@hollin.test")
    assert any("Mills" in sentence for sentence in edit["changes"])


def test_who_comes_second_is_told_what_the_first_one_did(api: Api, mira: Client, issue: str) -> None:
    """And nothing of theirs is lost, or overwrites anything."""
    tam = api.client(Role.EDITOR, address="tam@hollin.test")
    seen = tam.tag(issue)
    assert change(mira, issue, mira.tag(issue), title="Mills") == 200
    refused = tam.post(f"{issue}/edits", {"title": "Weirs"}, seen)
    assert refused.status_code == 412
    assert "mira@hollin.test" in refused.json()["detail"]
    assert "Mills" in refused.json()["detail"]
    assert change(tam, issue, {"If-Match": refused.headers["ETag"]}, title="Weirs") == 200


def test_of_many_at_once_with_one_tag_one_is_first(api: Api, mira: Client, issue: str) -> None:
    """The others hear of it, however close they came."""
    tag = mira.tag(issue)
    with ThreadPoolExecutor(8) as crew:
        found = list(
            crew.map(
                lambda number: change(Client(api.url, mira.token), issue, tag, title=f"Mills {number}"),
                range(8),
            )
        )
    assert found.count(200) == 1
    assert set(found) <= {200, 409, 412}
    assert mira.get(issue).json()["edit"] == 1


def test_a_change_without_a_tag_is_asked_for_one(mira: Client, issue: str) -> None:
    """428 (RFC 6585, section 3)."""
    assert change(mira, issue, {}, title="Mills") == 428


def test_a_change_is_taken_back(mira: Client, issue: str) -> None:
    """As at the desk."""
    before = mira.get(issue).json()["title"]
    change(mira, issue, mira.tag(issue), title="Mills")
    assert mira.post(f"{issue}/undo", None, mira.tag(issue)).json()["title"] == before


@pytest.mark.parametrize(
    "wanted",
    [
        {"title": "a\0b"},
        {"titel": "Mills"},
        {"places": [{"post": "x", "place": "1"}]},
        {"places": [{"post": "x", "place": True}]},
        {"drop": ["two words"]},
        {"quotes": [{"post": "x", "numbers": [0]}]},
        {"remember": "yes"},
        [],
    ],
)
def test_what_no_change_may_bring_is_refused_and_named(mira: Client, wanted: object, issue: str) -> None:
    """Where it stands, and never the value itself."""
    refused = mira.post(f"{issue}/edits", wanted, mira.tag(issue))
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["where"].startswith("/")


def test_an_editor_names_a_post_that_is_not_there(mira: Client, issue: str) -> None:
    """404, with the sentence that the command line prints."""
    refused = mira.post(f"{issue}/edits", {"add": ["https://hollin.test/nothing"]}, mira.tag(issue))
    assert (refused.status_code, "no stored post" in refused.json()["detail"]) == (404, True)


# ── its steps ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_approved_is_what_was_seen(api: Api, mira: Client, issue: str) -> None:
    """A change in between is not approved unseen; the approval can be withdrawn."""
    seen = mira.tag(issue)
    change(mira, issue, seen, title="Mills")
    assert mira.post(f"{issue}/approve", {}, seen).status_code == 412
    approved = mira.post(f"{issue}/approve", {}, mira.tag(issue)).json()
    assert (approved["state"], approved["title"], approved["version"]) == ("approved", "Mills", 1)
    back = mira.post(f"{issue}/unapprove", {"why": "a wrong name"}).json()
    assert (back["state"], back["held"]) == ("draft", "a wrong name")


def test_an_issue_goes_out_when_its_approver_says(mira: Client, issue: str) -> None:
    """A time with its zone; one without is none."""
    assert (
        mira.post(f"{issue}/approve", {"goes_out_at": "2026-11-23T08:00:00"}, mira.tag(issue)).status_code
        == 422
    )
    wanted = {"goes_out_at": "2026-11-23T09:00:00+01:00"}
    approved = mira.post(f"{issue}/approve", wanted, mira.tag(issue)).json()
    assert approved["goes_out_at"] == "2026-11-23T08:00:00Z"


def test_an_issue_is_kept_back_and_left_out_with_a_reason(api: Api, mira: Client, issue: str) -> None:
    """Both are in the log."""
    assert mira.post(f"{issue}/veto", {"why": "not yet"}).json()["held"] == "not yet"
    left_out = mira.post(f"{issue}/skip", {"why": "too little"}).json()
    assert (left_out["state"], left_out["skipped_why"]) == ("skipped", "too little")
    assert mira.post(f"{issue}/veto", {}).status_code == 409
    assert api.log()[-2:] == ["veto", "skip"]


def test_a_test_copy_goes_to_who_asks_for_it(api: Api, mira: Client, issue: str) -> None:
    """And to nobody else."""
    assert mira.post(f"{issue}/test-copy").json()["to"] == "mira@hollin.test"
    assert api.place.recipients() == ["mira@hollin.test"]


def test_a_draft_is_made_anew_until_an_editor_has_changed_it(mira: Client) -> None:
    """Then it is left as it is, and the answer says why."""
    assert mira.post("/digests/weekly/draft", {}).json()["kept"] == ""
    change(mira, f"/issues/{SUNDAY}", mira.tag(f"/issues/{SUNDAY}"), title="Mills")
    again = mira.post("/digests/weekly/draft", {}).json()
    assert (again["issue"]["title"], bool(again["kept"])) == ("Mills", True)


# ── entity tags ──────────────────────────────────────────────────────────────────────────────────


def test_a_tag_is_another_one_whenever_anything_changed(api: Api) -> None:
    """Edits count in it, so that who comes late is told what was done since."""
    issue = api.installation.issue(api.extra())
    tag = tag_of(issue)
    assert matches(tag, issue)
    assert matches(f'"0-0", {tag}', issue)
    assert matches("*", issue)
    changed = editing.edit(api.installation, issue.id, Change(title="Mills"), api.clock()).issue
    assert not matches(tag, changed)
    assert (edit_seen(tag), edit_seen(tag_of(changed)), edit_seen("*"), edit_seen('"x-1"')) == (
        0,
        1,
        None,
        None,
    )
