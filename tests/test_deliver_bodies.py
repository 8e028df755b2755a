"""Bodies that are encoded once for all copies: whatever is in them, each copy reads as if it were made by itself."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.deliver.bodies import Alternatives, Gap, alternatives
from digest.deliver.dkim import relaxed_body, relaxed_lines

TOKENS = [b"1.abcdefghijklmnopqrstuv", b"42.abcdefghijklmnopqrstuv", b"123.abcdefghijklmnopqrstuv", b"test"]
TEXTS = st.text(
    st.one_of(st.sampled_from("ab .=\t\r\n"), st.characters(codec="utf-8", exclude_categories=["Cs"])),
    max_size=120,
)


def parts(bodies: Alternatives, token: bytes) -> list[tuple[str, str]]:
    """Each part's encoding and text, as a receiver reads it."""
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{bodies.boundary}"\r\n\r\n'
    parsed = message_from_bytes(head.encode() + bodies.copy(token), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    read = []
    for part in parsed.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert not part.defects
        read.append((str(part["Content-Transfer-Encoding"]), payload.decode()))
    return read


def expected(texts: list[str], token: str) -> str:
    """The texts with the token between them, as the wire ends lines."""
    *before, last = texts
    lines = [re.sub("\r\n|\r|\n", "\r\n", each) for each in [*before, last.rstrip() + "\n"]]
    return token.join(lines)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(TOKENS))
@example(["a", ""], TOKENS[0])
@example(["آب" * 30, "", "", "پل" * 30], TOKENS[1])
@example(["." * 200, "." * 200], TOKENS[0])
@example(["x" * 200, ".\r\n.\n..", ". "], TOKENS[0])
@example(["آب و مدرسه " * 20, "آ", "پل"], TOKENS[2])
def test_each_copy_reads_as_its_texts_with_the_token_between_them(texts: list[str], token: bytes) -> None:
    """In plain text and HTML, in quoted-printable and base64, for tokens of every length modulo 3."""
    bodies = alternatives(texts, ["<p>", "</p>"])
    (_, text), (_, page) = parts(bodies, token)
    assert text == expected(texts, token.decode())
    assert page == f"<p>{token.decode()}</p>\r\n"


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(TOKENS))
@example(["." * 500, "x" * 75 + ".", "\n.\n"], TOKENS[0])
def test_a_copy_is_ready_for_the_wire(texts: list[str], token: bytes) -> None:
    """Lines of at most 76 characters of ASCII that end in CRLF, and none that begins with a dot."""
    body = alternatives(texts, texts).copy(token)
    assert body.isascii()
    assert body.endswith(b"--\r\n")
    assert body.count(b"\r\n") == body.count(b"\n") == body.count(b"\r")
    for line in body.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b".")


@given(st.lists(TEXTS, min_size=2, max_size=4), st.sampled_from(TOKENS))
def test_pieces_have_canonical_forms_of_their_own(texts: list[str], token: bytes) -> None:
    """What a signature hashes may be put together of pieces that are relaxed once."""
    bodies = alternatives(texts, texts)
    relaxed = b"".join(
        piece.fill(token) if isinstance(piece, Gap) else relaxed_lines(piece)
        for piece in bodies.pieces(token)
    )
    assert relaxed == relaxed_body(bodies.copy(token))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Water. " * 50, "quoted-printable"), ("آب و مدرسه " * 50, "base64")],
)
def test_each_body_takes_the_encoding_that_is_shorter(text: str, encoding: str) -> None:
    """With a token in it or without."""
    for texts in ([text], [text, text]):
        assert parts(alternatives(texts, "x"), b"1.x")[0][0] == encoding


def test_texts_between_which_there_is_little_take_quoted_printable() -> None:
    """Base64 has to borrow two bytes from either side of a token."""
    assert (
        parts(alternatives(["آب و مدرسه " * 50, "آ", "آب و مدرسه " * 50], "x"), b"1.x")[0][0]
        == "quoted-printable"
    )


def test_all_copies_have_one_boundary_which_no_line_can_be() -> None:
    """It comes from what the texts say, and holds what neither encoding can."""
    one, same, other = alternatives("a", "b"), alternatives("a", "b"), alternatives("a", "c")
    assert one.boundary == same.boundary != other.boundary
    assert one.boundary.startswith("=_")
    assert alternatives(["ab", ""], "").boundary != alternatives(["a", "b"], "").boundary
    assert one.copy() == one.copy(b"")
