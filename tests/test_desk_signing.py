"""The door of the desk: who is let in, for how long, and what strangers and other sites can do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from desk import PASSWORD, Desk, desk_of
from digest import store
from digest.desk import signing as rules
from digest.model import Errand, Role
from digest.pipeline.editors import signing
from digest.store.database import reading, transaction
from digest.store.schema import editors, errands, sessions
from installation import installed

MIRA = "mira@hollin.test"
NEW = "a lamp above the ferry"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with installed(tmp_path) as place, desk_of(place) as opened:
        yield opened


def rows(desk: Desk, table: object = sessions) -> list[object]:
    with reading(desk.installation.engine) as connection:
        return list(connection.execute(select(table)))  # type: ignore[call-overload]


# ── in and out ───────────────────────────────────────────────────────────────────────────────────


def test_an_editor_signs_in_and_out(desk: Desk) -> None:
    """With the right password the page that was asked for opens; signed out, the cookie opens nothing."""
    desk.editor(Role.EDITOR)
    browser = desk.stranger()
    asked = browser.get("me")
    assert asked.url.endswith("sign-in?to=me")
    assert browser.sign_in(MIRA, to="me").url.endswith("/desk/me")
    cookie = browser.session.cookies["digest"]
    assert browser.send("me", "sign-out").url.endswith("sign-in")
    browser.session.cookies.set("digest", cookie)
    assert "sign-in" in browser.get().url
    assert desk.log()[-2:] == [(MIRA, "sign in", MIRA), (MIRA, "sign out", MIRA)]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(desk: Desk) -> None:
    """Nobody learns who is an editor here."""
    desk.editor(Role.EDITOR)
    wrong, unknown = (
        desk.stranger().sign_in(address, "not the mill").text.replace(address, "…")
        for address in (MIRA, "nobody@hollin.test")
    )
    assert "not right" in wrong
    assert wrong == unknown
    assert rows(desk) == []


def test_who_has_chosen_no_password_yet_is_not_let_in_by_none(desk: Desk) -> None:
    """An empty password is none, however it is stored."""
    signing.add_editor(desk.installation, MIRA, "Mira", (Role.ADMIN,), desk.clock())
    for password in ("", "nobody has this password"):
        assert desk.stranger().sign_in(MIRA, password).status_code == 422


def test_after_five_wrong_tries_the_right_password_waits_as_well(desk: Desk) -> None:
    """For an address, from wherever it is tried; a quarter of an hour later it is good again."""
    desk.editor(Role.EDITOR)
    for _ in range(rules.TRIES):
        assert "not right" in desk.stranger().sign_in(MIRA, "wrong").text
    assert "Too many wrong tries" in desk.stranger().sign_in(MIRA).text
    desk.later(rules.TRY_WINDOW)
    assert desk.stranger().sign_in(MIRA).url.endswith("/desk/")


def test_five_wrong_tries_from_one_network_stop_it_for_every_address(desk: Desk) -> None:
    """Who tries many addresses with one password is stopped as well."""
    desk.editor(Role.EDITOR)
    for number in range(rules.TRIES):
        desk.stranger().sign_in(f"guess{number}@hollin.test", "wrong")
    assert "Too many wrong tries" in desk.stranger().sign_in(MIRA).text


def test_a_session_ends_when_unused_and_after_two_weeks_at_the_latest(desk: Desk) -> None:
    """Used every day it lasts two weeks, unused not a day."""
    browser = desk.browser(Role.EDITOR)
    for _ in range(27):
        desk.later(timedelta(hours=11, minutes=50))
        assert browser.get().url.endswith("/desk/")
    desk.later(timedelta(hours=16))
    assert "sign-in" in browser.get().url
    other = desk.stranger()
    other.sign_in(MIRA)
    desk.later(rules.IDLE)
    assert "sign-in" in other.get().url


def test_each_signing_in_is_a_session_of_its_own(desk: Desk) -> None:
    """Its cookie is new, out of reach of scripts, and stored only as a hash."""
    desk.editor(Role.EDITOR)
    browser = desk.stranger()
    cookies = []
    for _ in range(2):
        answer = browser.session.post(
            f"{desk.url}sign-in",
            {"address": MIRA, "password": PASSWORD},
            headers={"Origin": desk.url.removesuffix("/desk/")},
            allow_redirects=False,
            timeout=20,
        )
        cookies.append(answer.cookies["digest"])
    said = answer.headers["set-cookie"]
    assert len({*cookies}) == 2
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {*said.split("; ")}
    assert not any(cookie in str(rows(desk)) for cookie in cookies)


def test_an_editor_who_was_removed_is_out_at_once(desk: Desk) -> None:
    """What is open ends, links end, and the password is worth nothing."""
    browser = desk.browser(Role.EDITOR)
    link = signing.link(
        desk.installation,
        signing.editor_of(desk.installation, MIRA),
        Errand.CHOOSE,
        rules.CHOOSE,
        desk.clock(),
    )
    signing.shut_out(desk.installation, MIRA, desk.clock())
    assert "sign-in" in browser.get().url
    assert browser.sign_in(MIRA).status_code == 422
    assert desk.stranger().get(link.partition("/desk/")[2]).status_code == 404


# ── other sites ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
def test_a_form_of_another_site_does_nothing(desk: Desk, origin: str) -> None:
    """Neither with the cookie, nor with the token of the session, nor for signing in."""
    browser = desk.browser(Role.EDITOR)
    open_sessions = rows(desk)
    assert browser.post("sign-in", origin, address=MIRA, password=PASSWORD).status_code == 403
    assert browser.post("sign-out", origin, csrf="x").status_code == 403
    assert rows(desk) == open_sessions


def test_a_form_without_the_token_of_its_session_does_nothing(desk: Desk) -> None:
    """A token of another session is as good as none."""
    one, other = desk.browser(Role.EDITOR), desk.browser(Role.EDITOR, address="tam@hollin.test")
    theirs = other.get("me").text.partition('name="csrf" value="')[2].partition('"')[0]
    for token in ("", theirs, "é"):
        assert one.post("sign-out", csrf=token).status_code == 403
    assert one.get("me").ok


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "../../x", "a\nb"],
)
def test_signing_in_leads_to_no_other_site(desk: Desk, to: str) -> None:
    """Whatever a link claims is wanted next."""
    desk.editor(Role.EDITOR)
    assert desk.stranger().sign_in(MIRA, to=to).url == desk.url


def test_get_and_head_let_nobody_in_and_nobody_out(desk: Desk) -> None:
    """Links in mails are opened by scanners first: they change nothing and are not used up."""
    editor = desk.editor(Role.EDITOR)
    links = [signing.link(desk.installation, editor, errand, rules.CHOOSE, desk.clock()) for errand in Errand]
    before = rows(desk), rows(desk, errands), rows(desk, editors)
    stranger = desk.stranger()
    for path in ("", "sign-in", "sign-out", "me", *(link.partition("/desk/")[2] for link in links)):
        stranger.get(path)
        stranger.session.head(f"{desk.url}{path}", timeout=20)
    assert (rows(desk), rows(desk, errands), rows(desk, editors)) == before


# ── links and passwords ──────────────────────────────────────────────────────────────────────────


def test_a_link_lets_choose_a_password_once(desk: Desk) -> None:
    """It survives a password that will not do, ends every older session, and works no second time."""
    browser = desk.browser(Role.EDITOR)
    editor = signing.editor_of(desk.installation, MIRA)
    link = signing.link(desk.installation, editor, Errand.CHOOSE, rules.CHOOSE, desk.clock())
    path = link.partition("/desk/")[2]
    chooser = desk.stranger()
    assert "at least 12" in chooser.post(path, password="short").text
    assert chooser.post(path, password=NEW).url == desk.url
    assert "sign-in" in browser.get().url
    assert desk.stranger().post(path, password=PASSWORD).status_code == 404
    assert desk.stranger().sign_in(MIRA, NEW).url == desk.url


def test_a_link_is_too_old_after_its_time_and_after_a_newer_one(desk: Desk) -> None:
    """A day for one that an admin gives; only the newest works."""
    editor = desk.editor(Role.EDITOR)
    first, second = (
        signing.link(desk.installation, editor, Errand.CHOOSE, rules.CHOOSE, desk.clock()).partition(
            "/desk/"
        )[2]
        for _ in range(2)
    )
    assert [desk.stranger().get(path).status_code for path in (first, second)] == [404, 200]
    desk.later(rules.CHOOSE)
    assert desk.stranger().get(second).status_code == 404


def test_a_demonstration_is_entered_with_one_button(desk: Desk) -> None:
    """Looking at its page signs nobody in; the button does, once."""
    editor = desk.editor(Role.EDITOR)
    link = signing.link(desk.installation, editor, Errand.DEMO, rules.CHOOSE, desk.clock())
    path = link.partition("/desk/")[2]
    browser = desk.stranger()
    assert browser.get(path).ok
    assert "sign-in" in browser.get().url
    assert browser.post(path).url == desk.url
    assert desk.stranger().post(path).status_code == 404


# ── codes by the clock ───────────────────────────────────────────────────────────────────────────


def test_a_code_is_asked_for_once_it_was_set_up_and_is_good_once(desk: Desk) -> None:
    """The code of this half minute; who saw it typed cannot use it again, nor one from before it."""
    browser = desk.browser(Role.EDITOR)
    secret = browser.get("me").text.partition('name="secret" value="')[2].partition('"')[0]
    codes = pyotp.TOTP(secret)
    assert "not the code" in browser.send("me", "me/code", secret=secret, code="000000").text
    browser.send("me", "me/code", secret=secret, code=codes.at(desk.clock()))
    assert "not right" in desk.stranger().sign_in(MIRA).text
    assert "not right" in desk.stranger().sign_in(MIRA, code=codes.at(desk.clock())).text, (
        "it was taken already"
    )
    desk.later(timedelta(seconds=30))
    assert desk.stranger().sign_in(MIRA, code=codes.at(desk.clock())).url == desk.url
    assert "not right" in desk.stranger().sign_in(MIRA, code=codes.at(desk.clock())).text


def test_codes_are_changed_only_by_who_has_just_typed_the_password(desk: Desk) -> None:
    """A browser that was left open is not enough."""
    browser = desk.browser(Role.EDITOR)
    secret = pyotp.random_base32()
    desk.later(rules.PROOF)
    code = pyotp.TOTP(secret).at(desk.clock())
    assert "prove?to=me" in browser.send("me", "me/code", secret=secret, code=code).url
    assert "not your password" in browser.send("prove?to=me", "prove", to="me", password="wrong").text
    assert browser.send("prove?to=me", "prove", to="me", password=PASSWORD).url.endswith("/desk/me")
    browser.send("me", "me/code", secret=secret, code=code)
    assert signing.editor_of(desk.installation, MIRA).totp == secret


def test_a_weak_hash_is_replaced_when_its_password_is_typed(desk: Desk) -> None:
    """Parameters that were good enough years ago are not kept for ever."""
    from argon2 import PasswordHasher

    editor = desk.editor(Role.EDITOR)
    weak = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    with transaction(desk.installation.engine) as connection:
        store.editors.set_password(connection, editor.id, weak)
    assert desk.stranger().sign_in(MIRA).ok
    assert signing.editor_of(desk.installation, MIRA).password != weak
    assert desk.stranger().sign_in(MIRA).url == desk.url


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", MIRA, "x" * 513])
def test_a_password_that_would_be_guessed_will_not_do(desk: Desk, password: str) -> None:
    """Too short, too long, of few letters, or one's own address; a sentence says what to do."""
    assert rules.unfit(password, desk.editor(Role.EDITOR)).endswith(".")
    assert rules.unfit(NEW, desk.editor(Role.EDITOR, address="tam@hollin.test")) == ""
