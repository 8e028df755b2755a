"""An editor's work on an issue, with forms alone: change, choose, take back, approve, and be told of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from desk import Browser, Desk, desk_of
from digest.model import Issue, IssueId, IssueState, QuoteOrigin, Role
from digest.pipeline.drafts import draft
from digest.pipeline.posts import collect
from installation import NOW, SLOT, Clock, Place, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")
PAGE = f"issue/{SUNDAY}"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, bytes]]:
    """A place with a draft, and its database."""
    with installed(tmp_path_factory.mktemp("place")) as place:
        place.blog.write("mill", "weir", "ferry", at=NOW - timedelta(hours=1))
        with place.opened() as installation:
            collect.collect(installation, Clock())
            draft.draft(installation, "weekly", NOW)
        yield place, place.kept()


@pytest.fixture
def place(drafted: tuple[Place, bytes]) -> Place:
    place, kept = drafted
    place.go_back(kept)
    return place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        yield desk


@pytest.fixture
def mira(desk: Desk) -> Browser:
    return desk.browser(Role.EDITOR, Role.PUBLISHER)


def issue(desk: Desk) -> Issue:
    return desk.installation.issue(SUNDAY)


def titles(desk: Desk) -> list[str]:
    return [pick.title for pick in issue(desk).document.picks]


def key(desk: Desk, title: str) -> str:
    return next(pick.post for pick in issue(desk).document.picks if pick.title == title)


def change(browser: Browser, desk: Desk, do: str, page: str = PAGE, **values: str) -> str:
    """Send a form of a page, and give what the next page says."""
    answer = browser.send(
        page, f"{PAGE}/change", do=do, seen=values.pop("seen", str(issue(desk).edit)), **values
    )
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])))


# ── words and places ─────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_what_is_in_the_issue_and_why(desk: Desk, mira: Browser) -> None:
    """Each post with its reason, the state, and what comes next as the one filled button."""
    page = mira.get(PAGE).text
    assert all(f"<bdi>{title}</bdi>" in page for title in titles(desk))
    assert page.count("Why is this here?") == 3
    assert re.search(r'<li aria-current="step">draft</li>', page)
    assert re.search(r"<button type=\"submit\" data-step>Approve</button>", page)
    assert "not signed here" in mira.get(f"{PAGE}/proof/findings.html").text
    for frame in ("mail-light.html", "mail-dark.html", "mail.txt", "entry.html", "page.html"):
        found = mira.get(f"{PAGE}/proof/{frame}")
        assert found.ok
        assert "sandbox" in found.headers["content-security-policy"]


def test_words_are_changed_and_the_preview_follows(desk: Desk, mira: Browser) -> None:
    """Title, subject and introduction; the log says who did it."""
    change(mira, desk, "say", title="By hand", subject="A subject", introduction="Good morning.")
    assert "Good morning." in mira.get(f"{PAGE}/proof/mail-light.html").text
    assert (issue(desk).document.title, issue(desk).document.subject) == ("By hand", "A subject")
    assert desk.log()[-1] == ("mira@hollin.test", "edit", str(SUNDAY))


def test_picks_are_moved_pinned_dropped_and_left_for_later(desk: Desk, mira: Browser) -> None:
    """By buttons, one step each; what cannot go further stays."""
    first, second, third = titles(desk)
    change(mira, desk, "down", post=key(desk, first))
    assert titles(desk) == [second, first, third]
    change(mira, desk, "up", post=key(desk, second))
    assert titles(desk) == [second, first, third]
    change(mira, desk, "place", post=key(desk, third), group="theme-water", place="1")
    assert titles(desk) == [third, second, first]
    change(mira, desk, "pin", post=key(desk, first))
    assert titles(desk)[0] == first
    change(mira, desk, "move", post=key(desk, second), theme="schools")
    assert [group.title for group in issue(desk).document.groups] == ["Water", "Schools"]
    change(mira, desk, "drop", post=key(desk, second))
    change(mira, desk, "later", post=key(desk, third))
    assert titles(desk) == [first]
    for _ in range(7):
        change(mira, desk, "undo")
    assert titles(desk) == [first, second, third]
    assert "Nothing was changed" in change(mira, desk, "undo")


def test_a_post_and_a_note_are_added(desk: Desk, mira: Browser) -> None:
    """A post that was left out comes back by its address; a note stands at the head."""
    change(mira, desk, "drop", post=key(desk, "The weir"))
    change(mira, desk, "add", post="https://hollin.test/weir")
    assert "The weir" in titles(desk)
    change(
        mira, desk, "note", text="Mind the step.", url="https://hollin.test/step", title="The step", group=""
    )
    (note,) = issue(desk).document.notes
    change(mira, desk, "unnote", note=note.id)
    assert issue(desk).document.notes == ()
    assert (
        "has been collected" in change(mira, desk, "add", post="https://nowhere.test/")
        or issue(desk).edit == 4
    )


# ── quotes ───────────────────────────────────────────────────────────────────────────────────────


def test_quotes_are_chosen_in_their_context(desk: Desk, mira: Browser) -> None:
    """Each with its speaker and where it was found; a box that is not ticked takes it out."""
    post = key(desk, "The mill")
    page = f"{PAGE}/pick/{post}"
    shown = mira.get(page).text
    assert re.search(r"<q>Nobody in Hollin asked the mill .*</q>", shown)
    assert "Ines Varga" in shown
    assert "the post lists it" in shown
    change(mira, desk, "pick", page, post=post, blurb="A blurb by hand.")
    (pick,) = (pick for pick in issue(desk).document.picks if pick.post == post)
    assert (pick.quotes, pick.blurb) == ((), "A blurb by hand.")
    change(mira, desk, "pick", page, post=post, blurb="A blurb by hand.", number="1")
    assert [shown.quote.speaker for shown in issue(desk).document.picks[0].quotes] == ["Ines Varga"]


def test_a_quote_is_shortened_and_its_speaker_corrected_but_never_its_words(
    desk: Desk, mira: Browser
) -> None:
    """Cut ends are marked; other words are refused in a sentence."""
    post = key(desk, "The mill")
    (printed,) = issue(desk).document.picks[0].quotes
    page = f"{PAGE}/pick/{post}"
    change(mira, desk, "cut", page, quote=printed.id, words="Nobody in Hollin asked the mill")
    (cut,) = issue(desk).document.picks[0].quotes
    assert cut.quote.text == "Nobody in Hollin asked the mill […]"
    assert "does not say, word for word" in change(
        mira, desk, "cut", page, quote=cut.id, words="Everybody asked"
    )
    change(mira, desk, "speaker", page, quote=cut.id, speaker="Tam Orrel")
    (said,) = issue(desk).document.picks[0].quotes
    assert (said.quote.speaker, said.quote.origin) == ("Tam Orrel", QuoteOrigin.EDITOR)
    change(mira, desk, "best", page, quote=said.id)
    assert issue(desk).document.quote_of_the_week == said.id
    change(mira, desk, "excerpt", page, post=post, words="many people came", speaker="")
    assert [shown.quote.text for shown in issue(desk).document.picks[0].quotes] == [
        "many people came",
        cut.quote.text,
    ]


# ── several editors ──────────────────────────────────────────────────────────────────────────────


def test_the_second_editor_is_told_and_can_put_theirs_on_top(desk: Desk, mira: Browser) -> None:
    """Nothing is overwritten and nothing that was typed is lost."""
    tam = desk.browser(Role.EDITOR, address="tam@hollin.test")
    change(mira, desk, "say", title="Mira's", subject="S", introduction="")
    answer = tam.send(
        PAGE, f"{PAGE}/change", do="say", seen="0", title="Tam's", subject="S", introduction="Hello."
    )
    assert answer.status_code == 409
    assert "mira@hollin.test" in answer.text
    assert "Tam&#39;s" in answer.text
    assert issue(desk).document.title == "Mira's"
    change(tam, desk, "say", title="Tam's", subject="S", introduction="Hello.")
    assert (issue(desk).document.title, issue(desk).document.introduction) == ("Tam's", "Hello.")


def test_a_script_that_saves_while_typing_is_told_the_same(desk: Desk, mira: Browser) -> None:
    """As JSON: the new edit, a conflict, or a sentence."""
    token = re.search(r'name="csrf" value="([^"]+)"', mira.get(PAGE).text)
    assert token

    def save(**values: str) -> tuple[int, dict[str, object]]:
        headers = {"Origin": desk.url.removesuffix("/desk/"), "Accept": "application/json"}
        data = {"csrf": token[1], "do": "say", "subject": "S", "introduction": "", **values}
        answer = mira.session.post(f"{desk.url}{PAGE}/change", data, headers=headers, timeout=20)
        return answer.status_code, answer.json()

    assert save(title="One", seen="0") == (200, {"edit": 1})
    assert save(title="Two", seen="0")[0] == 409
    status, told = save(title="", seen="1")
    assert (status, "The title needs" in str(told["sentence"])) == (422, True)


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_approved_as_it_was_looked_at(desk: Desk, mira: Browser) -> None:
    """A form that was made from another state of it approves nothing."""
    stale = issue(desk).updated_at.isoformat()
    desk.later(timedelta(minutes=1))
    change(mira, desk, "say", title="By hand", subject="S", introduction="")
    refused = mira.send(PAGE, f"{PAGE}/approve", seen_at=stale)
    assert "another draft than the one you have looked at" in refused.text
    assert issue(desk).state is IssueState.DRAFT
    mira.send(PAGE, f"{PAGE}/approve", seen_at=issue(desk).updated_at.isoformat())
    assert issue(desk).state is IssueState.APPROVED
    mira.send(PAGE, f"{PAGE}/withdraw")
    assert (issue(desk).state, issue(desk).held) == (IssueState.DRAFT, "Mira withdrew the approval")
    assert [action for _, action, _ in desk.log()][-3:] == ["edit", "approve", "unapprove"]


def test_a_late_issue_asks_when_it_goes_out(desk: Desk, mira: Browser) -> None:
    """Now, or at the next slot."""
    desk.clock.now = SLOT + timedelta(hours=1)
    assert "It is late. When does it go out?" not in mira.get(PAGE).text  # the session has ended
    mira.sign_in("mira@hollin.test")
    assert "It is late. When does it go out?" in mira.get(PAGE).text
    mira.send(PAGE, f"{PAGE}/approve", seen_at=issue(desk).updated_at.isoformat(), when="next")
    assert issue(desk).goes_out_at == SLOT + timedelta(days=7)


def test_an_issue_is_skipped_with_a_reason(desk: Desk, mira: Browser) -> None:
    """Its page says why."""
    mira.send(f"{PAGE}/skip", f"{PAGE}/skip", why="Half the town is away")
    assert issue(desk).state is IssueState.SKIPPED
    assert "It was skipped: Half the town is away" in mira.get(PAGE).text


def test_a_test_goes_to_oneself_alone(desk: Desk, mira: Browser, place: Place) -> None:
    """Marked in its subject; the ledger is left alone."""
    assert "A test is on its way" in mira.send(PAGE, f"{PAGE}/test").text
    (message,) = place.inbox.messages
    assert message.recipient == "mira@hollin.test"


# ── rights ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("roles", "path", "allowed"),
    [
        ((Role.VIEWER,), "change", False),
        ((Role.VIEWER,), "approve", False),
        ((Role.EDITOR,), "change", True),
        ((Role.EDITOR,), "approve", False),
        ((Role.EDITOR,), "test", False),
        ((Role.PUBLISHER,), "approve", True),
        ((Role.PUBLISHER,), "change", False),
        ((Role.ADMIN,), "change", False),
        ((Role.ADMIN,), "approve", False),
    ],
)
def test_create_and_approve_are_different_rights(
    desk: Desk, roles: tuple[Role, ...], path: str, allowed: bool
) -> None:
    """Who may not is told who may, and sees no button for it."""
    browser = desk.browser(*roles)
    values = {
        "do": "drop",
        "post": key(desk, "The mill"),
        "seen": "0",
        "seen_at": issue(desk).updated_at.isoformat(),
    }
    answer = browser.send(PAGE, f"{PAGE}/{path}", **values)
    assert answer.ok is allowed
    assert allowed or answer.status_code == 403
    assert ((issue(desk).edit, issue(desk).state) != (0, IssueState.DRAFT)) is allowed


def test_four_eyes_keep_editing_and_approving_apart(place: Place) -> None:
    """Where it is set, somebody else approves."""
    place.path.write_text(place.path.read_text() + "\n[desk]\nfour_eyes = true\n")
    with desk_of(place) as desk:
        list(collect.collect(desk.installation, desk.clock))
        draft.draft(desk.installation, "weekly", desk.clock())
        mira, tam = (desk.browser(*Role, address=f"{name}@hollin.test") for name in ("mira", "tam"))
        change(mira, desk, "say", title="By hand", subject="S", introduction="")
        seen = issue(desk).updated_at.isoformat()
        assert "four_eyes" in mira.send(PAGE, f"{PAGE}/approve", seen_at=seen).text
        tam.send(PAGE, f"{PAGE}/approve", seen_at=seen)
        assert issue(desk).state is IssueState.APPROVED


# ── bad forms ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "values",
    [
        {"do": "fly"},
        {"do": "drop"},
        {"do": "drop", "post": "nothing"},
        {"do": "place", "post": "The mill", "group": "theme-water", "place": "first"},
        {"do": "cut", "quote": "q-nothing", "words": "a"},
        {"do": "say", "title": "x" * 400, "subject": "S", "introduction": ""},
    ],
)
def test_a_form_that_makes_no_sense_is_one_sentence(
    desk: Desk, mira: Browser, values: dict[str, str]
) -> None:
    """And changes nothing."""
    answer = mira.send(PAGE, f"{PAGE}/change", seen="0", **values)
    assert answer.status_code in (404, 409)
    assert "That did not work" in answer.text
    assert issue(desk).edit == 0


@pytest.mark.parametrize(
    "path", ["issue/weekly/2026-13-40", "issue/moon/2026-11-22", "issue/weekly/2026-11-29", "nothing"]
)
def test_what_is_not_there_is_said(mira: Browser, path: str) -> None:
    """With the way back."""
    answer = mira.get(path)
    assert answer.status_code == 404
    assert "Back to today" in answer.text
