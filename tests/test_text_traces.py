"""text/traces.py: what stays of a title and an address when a blog moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.text.links import canonical
from digest.text.traces import link_trace, title_trace

DAM = "https://hollin.example.org/2026/11/the-dam"


def test_a_title_leaves_the_trace_of_its_words() -> None:
    """Case, accents, punctuation and spaces may change; a word may not."""
    trace = title_trace("Who built the café at the dam?")
    assert {
        title_trace("who built  the “Cafe” at the DAM"),
        title_trace("Who built the café, at the dam"),
    } == {trace}
    assert title_trace("Who built the mill?") != trace


def test_an_address_leaves_the_trace_of_its_path() -> None:
    """Scheme, host, campaign and fragment may change; path and query may not."""
    trace = link_trace(DAM)
    same = ("http://hollin.example.org/2026/11/the-dam/", "https://www.varga.example.net/2026/11/the-dam#top")
    assert {link_trace(url) for url in (*same, DAM + "?utm_source=feed")} == {trace}
    assert len({trace, link_trace(DAM + "s"), link_trace(DAM + "?p=1"), link_trace(DAM + "?p=2")}) == 4


def test_what_names_nothing_leaves_no_trace() -> None:
    """Else all posts that link to the front page would look like one."""
    assert not any(map(title_trace, ("", "…", " – ")))
    assert not any(
        map(link_trace, ("", "https://hollin.example.org", "https://hollin.example.org/?utm_source=x", "x:"))
    )


def test_traces_are_for_ever() -> None:
    """They are stored: a change of the method would lose every post that moves."""
    assert title_trace("Who built the dam") == "5cc76c0882e7f348b87ee9d2025b0419"
    assert link_trace(DAM) == "962e388c034946b4aa992ebc4f18fc12"


@given(st.from_regex(r"https?://[a-z]{1,9}\.example(/[a-z0-9._~-]{0,6}){0,4}", fullmatch=True))
def test_a_plain_address_leaves_the_trace_of_its_canonical_form(url: str) -> None:
    """Which most addresses have already."""
    assert link_trace(url) == link_trace(canonical(url)) == link_trace(f"{url}?utm_source=feed")


@given(st.text(max_size=100))
def test_any_text_has_a_trace_or_none(text: str) -> None:
    """Whatever a feed gives is 32 hexadecimal digits or nothing."""
    assert {len(title_trace(text)), len(link_trace(text)), len(link_trace(f"https://x.example/{text}"))} <= {
        0,
        32,
    }
