"""Editors at the desk: let in by mail, changed, reset, shut out; one's own time zone, sessions and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from desk import Browser, Desk, desk_of
from digest import store
from digest.errors import DigestError
from digest.model import Role
from digest.pipeline.editors import signing
from digest.store.database import reading
from digest.store.schema import outbox
from installation import NOW, installed

MIRA, TAM = "mira@hollin.test", "tam@hollin.test"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with installed(tmp_path_factory.mktemp("desk")) as place, desk_of(place) as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    """The same desk for all, with nobody there, on Friday morning."""
    opened.clock.now = NOW
    yield opened
    with opened.installation.engine.begin() as connection:
        for table in reversed(outbox.metadata.sorted_tables):
            if table.name in ("editors", "sessions", "errands", "tries", "audit", "outbox", "api_tokens"):
                connection.execute(table.delete())


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk.browser(*Role)


def path_of(desk: Desk, address: str) -> str:
    return f"editors/{signing.editor_of(desk.installation, address).id}"


def change(desk: Desk, browser: Browser, address: str, do: str, **values: str) -> str:
    """The page after a form of an editor's page was sent."""
    path = path_of(desk, address)
    return browser.send("editors", f"{path}/change", do=do, **values).text


def links_to(desk: Desk, address: str) -> list[str]:
    """The links of the mails to an editor, the newest last."""
    with reading(desk.installation.engine) as connection:
        query = select(outbox.c.data).where(outbox.c.address == address).order_by(outbox.c.id)
        mails = list(connection.execute(query).scalars())
    bodies = [message_from_bytes(mail, policy=default).get_body(["plain"]) for mail in mails]
    found = [re.search(r"/desk/(choose/[\w-]+)", body.get_content()) for body in bodies if body]
    return [match[1] for match in found if match]


def test_everybody_sees_who_works_here_and_how_they_sign_in(desk: Desk, admin: Browser) -> None:
    """When each came in last, what they are, how many browsers they have open; only an admin has forms."""
    viewer = desk.browser(Role.VIEWER, address=TAM)
    page = viewer.get("editors").text
    assert "viewer, editor, publisher, admin" in page
    assert page.count("20 November 2026, 08:00") == 2
    assert "editors/add" not in page
    assert viewer.get(path_of(desk, MIRA)).status_code == 403
    assert viewer.send("me", "editors/add", address="x@hollin.test", name="", role="admin").status_code == 403
    assert viewer.send("me", f"{path_of(desk, MIRA)}/change", do="remove").status_code == 403
    assert "editors/add" in admin.get("editors").text


def test_somebody_is_let_in_by_a_link_in_a_mail(desk: Desk, admin: Browser) -> None:
    """It works once; nobody is let in twice, or as nothing."""
    admin.send("editors", "editors/add", address=TAM, name="Tam", role="editor")
    (link,) = links_to(desk, TAM)
    tam = desk.stranger()
    assert tam.post(link, password="three boats and a bell").ok
    assert tam.get("").ok
    assert not desk.stranger().post(link, password="three boats and a bell").ok
    again = admin.send("editors", "editors/add", address=TAM, name="Tam", role="editor")
    assert (again.status_code, "is an editor already" in again.text) == (422, True)
    assert (
        "Tick at least one role"
        in admin.send("editors", "editors/add", address="x@hollin.test", name="").text
    )
    assert "There is no role" in change(desk, admin, TAM, "roles", name="Tam", role="king")


def test_a_role_that_is_taken_away_counts_at_once(desk: Desk, admin: Browser) -> None:
    """In every browser that is open."""
    tam = desk.browser(Role.ADMIN, address=TAM)
    assert tam.get(path_of(desk, MIRA)).ok
    change(desk, admin, TAM, "roles", name="Tam the ferryman", role="viewer")
    assert tam.get(path_of(desk, MIRA)).status_code == 403
    assert "Tam the ferryman" in tam.get("me").text
    assert desk.log()[-1] == (MIRA, "change editor", TAM)


def test_a_reset_ends_everything_and_mails_a_link(desk: Desk, admin: Browser) -> None:
    """Neither the old password nor the old code lets anybody in."""
    tam = desk.browser(Role.VIEWER, address=TAM)
    change(desk, admin, TAM, "reset")
    assert tam.get("").url.endswith("sign-in?to=")
    assert not desk.stranger().sign_in(TAM).ok
    (link,) = links_to(desk, TAM)
    assert desk.stranger().post(link, password="three boats and a bell").ok


def test_sessions_are_ended_by_an_admin_or_by_oneself(desk: Desk, admin: Browser) -> None:
    """All of somebody's; or one of one's own, and never one of somebody else's."""
    tam = desk.browser(Role.VIEWER, address=TAM)
    desk.later(timedelta(minutes=1))
    phone = desk.stranger()
    phone.sign_in(TAM)
    (key,) = re.findall(r'name="session" value="([^"]+)"', phone.get("me").text)
    admin.send("me", "me/end", session=key)
    assert tam.get("").url.endswith("/desk/")
    phone.send("me", "me/end", session=key)
    assert "sign-in" in tam.get("").url
    assert phone.get("").url.endswith("/desk/")
    change(desk, admin, TAM, "end")
    assert "sign-in" in phone.get("").url


def test_who_is_shut_out_can_be_let_in_again(desk: Desk, admin: Browser) -> None:
    """With a new password."""
    tam = desk.browser(Role.VIEWER, address=TAM)
    change(desk, admin, TAM, "remove")
    assert "sign-in" in tam.get("").url
    assert "Let in no more" in admin.get(path_of(desk, TAM)).text
    change(desk, admin, TAM, "let-in")
    assert not desk.stranger().sign_in(TAM).ok
    assert desk.stranger().post(links_to(desk, TAM)[-1], password="three boats and a bell").ok


def test_the_last_admin_stays(desk: Desk, admin: Browser) -> None:
    """At the desk and by command: else nobody could let anybody in."""
    desk.editor(Role.EDITOR, address=TAM)
    for do in ("remove", "roles"):
        assert "is the last admin" in change(desk, admin, MIRA, do, name="Mira", role="editor")
    with pytest.raises(DigestError, match="last admin"):
        signing.shut_out(desk.installation, MIRA, desk.clock())
    change(desk, admin, TAM, "roles", name="Tam", role="admin")
    change(desk, admin, MIRA, "roles", name="Mira", role="editor")
    assert not signing.editor_of(desk.installation, MIRA).roles.count(Role.ADMIN)


def test_a_password_is_typed_again_before_editors_are_changed(desk: Desk, admin: Browser) -> None:
    """After a quarter of an hour."""
    desk.editor(Role.VIEWER, address=TAM)
    desk.later(timedelta(minutes=20))
    path = path_of(desk, TAM)
    answer = admin.send("editors", f"{path}/change", do="remove")
    assert answer.url.endswith(f"prove?to={path}")
    assert "prove" in admin.send("editors", "editors/add", address="x@hollin.test", name="", role="admin").url
    assert "prove" in admin.send("me", "me/tokens", name="x").url
    assert signing.editor_of(desk.installation, TAM).left_at is None


def test_everybody_chooses_their_own_time_zone(desk: Desk) -> None:
    """In which every page shows times."""
    tam = desk.browser(Role.VIEWER, address=TAM)
    assert "There is no time zone" in tam.send("me", "me/zone", zone="Mars/Base").text
    tam.send("me", "me/zone", zone="Asia/Kabul")
    assert "12:30" in tam.get("editors").text


def test_a_token_is_shown_once_and_revoked(desk: Desk) -> None:
    """With no more rights than its owner's."""
    tam = desk.browser(Role.VIEWER, address=TAM)
    made = tam.send("me", "me/tokens", name="the wall board", role="viewer", until="2027-01-31").text
    secret = re.search(r'class="secret"><code>([^<]+)</code>', made)
    assert secret
    page = tam.get("me").text
    assert secret[1] not in page
    assert "the wall board" in page
    assert "31 January" in page
    assert "is no day" in tam.send("me", "me/tokens", name="x", until="soon").text
    assert "needs a name" in tam.send("me", "me/tokens", name=" ").text
    (number,) = re.findall(r"me/tokens/(\d+)/revoke", page)
    assert "the wall board" not in tam.send("me", f"me/tokens/{number}/revoke").text
    with reading(desk.installation.engine) as connection:
        assert [each.action for each in store.audit.entries(connection)][-2:] == [
            "give token",
            "revoke token",
        ]
