"""text/charsets.py: a document's bytes, its own word, its server's word, and which of them to believe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.page import read_page
from digest.collect.parse import parse_feed
from digest.text.charsets import as_utf8, corrected, is_utf8

URL = "https://quay.example/feed"
CITY = "Пристань в Альмеде"
FEED = "<rss version='2.0'><channel><title>x</title><item><title>{}</title><link>/1</link></item></channel></rss>"


def title(body: bytes) -> str:
    return parse_feed(body, URL).entries[0].title


@pytest.mark.parametrize("charset", ["windows-1251", "KOI8-R", "iso-8859-5", "cp866"])
def test_a_feed_whose_encoding_only_its_server_tells_is_read_by_it(charset: str) -> None:
    """RFC 7303 §3.2: old scripts name the encoding in the header, and nowhere else."""
    body = FEED.format(CITY).encode(charset)
    assert title(as_utf8(body, charset)) == CITY
    assert title(body) != CITY, "the bytes alone do not tell"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("Shift_JIS", "港の船"),
        ("gb2312", "港口的渡船"),
        ("euc-kr", "항구의 배"),
        ("windows-1253", "Το λιμάνι"),
    ],
)
def test_other_scripts_are_read_by_it_too(charset: str, text: str) -> None:
    """Encodings of one and of two bytes a character."""
    assert title(as_utf8(FEED.format(text).encode(charset), charset)) == text


def test_a_page_whose_encoding_only_its_server_tells_is_read_by_it() -> None:
    """The page of a stub stands in the same encoding as its feed."""
    body = f"<!doctype html><title>x</title><article><h1>{CITY}</h1><p>{CITY}.</p></article>"
    assert read_page(as_utf8(body.encode("windows-1251"), "windows-1251"), URL).text.startswith(CITY)


def test_utf_16_without_a_mark_is_read_by_the_server_s_word() -> None:
    """Its bytes are ASCII with zeros between: by chance they are UTF-8 as well."""
    assert title(as_utf8(FEED.format(CITY).encode("utf-16-le"), "utf-16le")) == CITY


@pytest.mark.parametrize(
    "body",
    [
        FEED.format(CITY).encode(),
        b"\xef\xbb\xbf" + FEED.format(CITY).encode(),
        b"<?xml version='1.0' encoding='koi8-r'?>" + FEED.format(CITY).encode("koi8-r"),
        b"<!doctype html><meta charset='koi8-r'>" + CITY.encode("koi8-r"),
        FEED.format(CITY).encode("utf-16"),
    ],
    ids=["UTF-8", "a mark", "a declaration", "a meta element", "UTF-16 with a mark"],
)
@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1251", "utf-8"])
def test_a_document_that_tells_its_encoding_is_believed_before_its_server(body: bytes, charset: str) -> None:
    """Servers name one encoding for all their files."""
    assert as_utf8(body, charset) == body


@pytest.mark.parametrize("charset", ["", "utf-8", "bogus", "x" * 500, "hex", "zip", "utf-7", "cp037", "idna"])
def test_what_names_no_encoding_of_documents_changes_nothing(charset: str) -> None:
    """Among Python's codecs are some that are none, and some by which markup is smuggled past a reader."""
    body = "é".encode("latin-1")
    assert as_utf8(body, charset) == body


def test_latin_1_of_a_server_is_windows_1252() -> None:
    """As on the web (WHATWG Encoding §4.2)."""
    assert as_utf8("“café”".encode("cp1252"), "ISO-8859-1") == "“café”".encode()


@pytest.mark.parametrize("declared", ["windows-1251", "ISO-8859-1", "koi8-r", "us-ascii"])
def test_utf_8_under_a_wrong_declaration_is_utf_8(declared: str) -> None:
    """The declaration came with a template, the text from somewhere else."""
    assert title(f'<?xml version="1.0" encoding="{declared}"?>{FEED.format(CITY)}'.encode()) == CITY


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r", "iso-8859-5", "iso-8859-1"])
def test_a_true_declaration_is_kept(declared: str) -> None:
    """Text in another encoding is not UTF-8 by chance."""
    text = "Größe, café" if declared == "iso-8859-1" else CITY
    body = f'<?xml version="1.0" encoding="{declared}"?>{FEED.format(text)}'.encode(declared)
    assert corrected(body) == body
    assert title(body) == text


@given(st.binary(max_size=300), st.text(max_size=30) | st.sampled_from(["koi8-r", "utf-16", "gbk", "utf-8"]))
def test_no_bytes_and_no_name_do_any_harm(body: bytes, charset: str) -> None:
    """Whatever a server calls it: what was changed is UTF-8 afterwards, and what is UTF-8 is not changed."""
    read = as_utf8(body, charset)
    assert read == body or is_utf8(read)
    assert is_utf8(corrected(read)) == is_utf8(read)
