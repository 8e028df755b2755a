"""Who may do what through the API: every operation for every role, and for nobody; tokens that end; how often one may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from api import SUNDAY, Api, Client, api_of, drafted_in
from digest.errors import DigestError
from digest.model import Role
from digest.pipeline.editors import api_tokens, signing
from digest.store.database import reading
from digest.store.schema import api_tokens as tokens_table
from digest.web.api.app import create_api, described
from digest.web.api.describing import operations_table
from installation import installed

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z]+) (/\S+)` \| ([a-z, ]+) \|", re.MULTILINE)
WHO_MAY = {(method, path): set(roles.split(", ")) for method, path, roles in ROW.findall(PAGE)}

NAMES = {
    "{digest}": "weekly",
    "{edition}": "2026-11-22",
    "{source}": "hollin",
    "{theme}": "water",
    "{number}": "1",
    "{form}": "mail.txt",
}
BODIES: dict[str, object] = {
    "/digests/{digest}/draft": {},
    "/digests/{digest}/extra": {"name": "flood"},
    "/issues/{digest}/{edition}/approve": {},
    "/issues/{digest}/{edition}/deliveries/settle": {"address": "ada@hollin.test", "arrived": True},
    "/issues/{digest}/{edition}/edits": {"title": "Mills"},
    "/issues/{digest}/{edition}/send": {},
    "/issues/{digest}/{edition}/send/pause": {},
    "/issues/{digest}/{edition}/skip": {},
    "/issues/{digest}/{edition}/unapprove": {},
    "/issues/{digest}/{edition}/veto": {},
    "/trials": {"slug": "mills", "title": "Mills"},
    "/themes": {"slug": "mills", "title": "Mills"},
    "/themes/{theme}": {"title": "Water"},
    "/themes/{theme}/merge": {"into": "schools"},
    "/posts/release": {"posts": ["nothing"]},
    "/lookups": {"url": "http://127.0.0.1:9/"},
    "/sources": {"url": "http://127.0.0.1:9/"},
    "/sources/{source}": {"title": "The mill"},
    "/subscribers": {"address": "dov@hollin.test", "digest": "weekly"},
    "/subscribers/{number}/leave": {"digest": "weekly", "why": "by telephone"},
    "/erasures": {"address": "nobody@hollin.test", "sure": False},
    "/suppressions": {"address": "eve@hollin.test", "why": "by telephone"},
    "/suppressions/lift": {"address": "eve@hollin.test", "why": "by telephone"},
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with drafted_in(tmp_path_factory.mktemp("api")) as api:
        yield api


@dataclass(frozen=True)
class Asked:
    """An operation that was asked for, and the status of its answer."""

    operation: tuple[str, str]
    status: int


def asked(client: Client) -> list[Asked]:
    """Every operation, each asked for once with a request that is in order."""
    found = []
    for method, path in WHO_MAY:
        named = path.replace("{post}", "nothing")
        for name, value in NAMES.items():
            named = named.replace(name, value)
        headers = {"If-Match": "*", "Idempotency-Key": f"{method}-{named}"}
        answer = client.send(method, named, headers=headers, json=BODIES.get(path))
        found.append(Asked((method, path), answer.status_code))
    return found


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_has_the_table_of_the_operations(api: Api) -> None:
    """As `digest api describe --table` prints it: none missing, none too many."""
    made = operations_table(described(create_api(api.installation, api.clock)))
    assert made in PAGE
    assert len(WHO_MAY) > 40


def is_as_said(asked: Asked, role: Role) -> bool:
    """Forbidden where the table says so; else neither forbidden nor misunderstood, but for addresses where nothing answers."""
    if role.value not in WHO_MAY[asked.operation]:
        return asked.status == 403
    return asked.status in (200, 201, 202, 204, 404, 409) or (
        asked.status == 422 and asked.operation[1] in ("/lookups", "/sources")
    )


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_and_nothing_else(api: Api, role: Role) -> None:
    """Every operation, asked for by an editor who is nothing else."""
    client = api.client(role, address=f"{role}@hollin.test")
    wrong = [each for each in asked(client) if not is_as_said(each, role)]
    assert wrong == []


@pytest.mark.parametrize("why", ["none", "invented", "removed", "expired", "left"])
def test_nobody_without_a_token_that_works_does_anything(api: Api, why: str) -> None:
    """Every operation, and every answer is the same."""
    found = asked(Client(api.url, nobodys(api, why)))
    assert {each.status for each in found} == {401}


def nobodys(api: Api, why: str) -> str:
    """A token that lets nobody in."""
    if why in ("none", "invented"):
        return "" if why == "none" else "digest_" + "A" * 43
    editor = api.editor(*Role, address=f"{why}@hollin.test")
    now = api.clock()
    ends = now + timedelta(seconds=1)
    given = api_tokens.give(
        api.installation, editor, "old", now, expires_at=ends if why == "expired" else None
    )
    assert api_tokens.bearer(api.installation, f"Bearer {given.secret}", now)
    match why:
        case "removed":
            api_tokens.revoke(api.installation, editor, given.token.id, now)
        case "left":
            api.editor(*Role)  # another admin, for the last one cannot leave
            signing.shut_out(api.installation, editor.address, now)
        case "expired":
            api.later(timedelta(seconds=1))
    return given.secret


def test_whoever_is_not_let_in_costs_the_same_work(api: Api) -> None:
    """One statement: the time of the answer does not tell a token that ended from one that never was."""
    said: list[str] = []
    api.later(timedelta(days=1))
    tokens = [nobodys(api, why) for why in ("none", "invented", "removed", "expired")]
    with listening(api, said):
        counts = []
        for token in tokens:
            said.clear()
            assert Client(api.url, token).get("/me").status_code == 401
            counts.append(len(said))
    assert counts == [1, 1, 1, 1]


@contextmanager
def listening(api: Api, said: list[str]) -> Iterator[None]:
    """Note the queries of the installation."""

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            said.append(statement)

    event.listen(api.installation.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(api.installation.engine, "before_cursor_execute", note)


def test_an_unknown_operation_and_a_wrong_method_are_problems_too(api: Api) -> None:
    """With the methods that there are (RFC 9110, section 15.5.6)."""
    nowhere = api.client(*Role).get("/nowhere")
    assert (nowhere.status_code, nowhere.headers["Content-Type"]) == (404, "application/problem+json")
    wrong = api.stranger().send("PUT", f"/issues/{SUNDAY}/edits")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST")


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_stored_as_a_keyed_hash_and_never_said_again(api: Api) -> None:
    """Nothing of it is in the database or in the log."""
    given = api_tokens.give(api.installation, api.editor(*Role), "for the site", api.clock())
    assert given.secret.startswith("digest_")
    assert given.secret not in repr(given)
    with reading(api.installation.engine) as connection:
        rows = connection.execute(tokens_table.select()).all()
    assert given.secret.removeprefix("digest_") not in repr(rows)
    assert "for the site" in repr(rows)
    assert "give token" in api.log()


def test_a_token_may_be_less_than_its_editor_and_never_more(api: Api) -> None:
    """A program that only reads needs no more; and who is less from now on, so is every token of theirs."""
    editor = api.editor(Role.EDITOR, Role.PUBLISHER, address="tam@hollin.test")
    less = api_tokens.give(api.installation, editor, "a reader", api.clock(), roles=[Role.EDITOR])
    client = Client(api.url, less.secret)
    assert client.get("/me").json()["roles"] == ["editor"]
    assert client.post(f"/issues/{SUNDAY}/send/resume").status_code == 403
    signing.change_editor(api.installation, editor.address, api.clock(), roles=[Role.PUBLISHER])
    assert client.get("/me").status_code == 403
    with pytest.raises(DigestError, match="can be no more: not admin"):
        api_tokens.give(api.installation, editor, "too much", api.clock(), roles=[Role.ADMIN])


def test_it_is_known_when_a_token_was_last_used(api: Api) -> None:
    """Within five minutes: not every request is worth a write."""
    editor = api.editor(Role.VIEWER, address="ivo@hollin.test")
    given = api_tokens.give(api.installation, editor, "a clock", api.clock())
    assert api_tokens.given(api.installation, editor)[0].used_at is None
    first = api.clock()
    for minutes, known in ((0, 0), (4, 0), (5, 5)):
        api.clock.now = first + timedelta(minutes=minutes)
        assert Client(api.url, given.secret).get("/me").ok
        used_at = api_tokens.given(api.installation, editor)[0].used_at
        assert used_at == first + timedelta(minutes=known)


def test_a_cookie_lets_nobody_in_and_no_other_site_may_read(api: Api) -> None:
    """The session of the desk counts for nothing here, and there is no CORS."""
    client = api.stranger()
    client.session.cookies.set("digest", "whatever")
    answer = client.get("/me", headers={"Origin": "https://elsewhere.test"})
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Api]:
    with installed(tmp_path, serve="api_per_minute = 5") as place, api_of(place) as api:
        yield api


def test_a_token_may_come_so_often_and_is_told_when_again(narrow: Api) -> None:
    """Its editor's other tokens are not held up by it, but by what comes from their network."""
    client = narrow.client(*Role)
    assert [client.get("/me").status_code for _ in range(6)] == [200] * 5 + [429]
    refused = client.get("/me")
    assert refused.headers["Retry-After"] == "12"
    assert "wait 12 s" in refused.json()["detail"]
    other = narrow.client(*Role)
    assert [other.get("/me").status_code for _ in range(4)] == [200] * 3 + [429]  # ten from here, in all
    narrow.later(timedelta(seconds=12))
    assert client.get("/me").status_code == 200


def test_guesses_are_counted_too(narrow: Api) -> None:
    """Whoever tries tokens is stopped by the network they come from."""
    guesses = [Client(narrow.url, "digest_" + f"{number:043}").get("/me").status_code for number in range(12)]
    assert guesses == [401] * 10 + [429] * 2


def test_a_large_body_is_not_read_to_its_end(api: Api) -> None:
    """A megabyte is enough for any change of an issue."""
    answer = api.client(*Role).post(f"/issues/{SUNDAY}/edits", {"title": "x" * 1_000_001}, {"If-Match": "*"})
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"title": ' + b"9" * 5_000 + b"}", b"\xff\xfe"])
def test_a_body_that_is_no_json_is_a_problem(api: Api, body: bytes) -> None:
    """However deep, long or broken."""
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    answer = api.client(*Role).send("POST", f"/issues/{SUNDAY}/edits", headers=headers, data=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
