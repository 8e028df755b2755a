"""The newsletter, of an invented issue, in every width, light and dark, without pictures, from right to left."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace

from screenshots.camera import Shot

from digest.demo.pictures import png
from digest.model import IssueDocument, Picture
from digest.publish import pictures
from digest.publish.stills import still
from mails import mail
from publish_samples import issue, right_to_left

WIDTHS = (320, 600, 1280)


def mails() -> Iterator[Shot]:
    """What LOOK asks for, file by file."""
    document, stills = illustrated(issue(8))
    page = mail(document).html
    for width in WIDTHS:
        yield Shot(f"mail-{width}", page, width, pictures=stills)
        yield Shot(f"mail-{width}-dark", page, width, "dark", stills)
    for width in (320, 600):
        yield Shot(f"mail-{width}-without-pictures", page, width)
    persian, stills = illustrated(right_to_left())
    for name, each in (("rtl", persian), ("mixed", replace(persian, language="en"))):
        yield Shot(f"mail-375-{name}", mail(each).html, 375, pictures=stills)
        yield Shot(f"mail-600-{name}", mail(each).html, 600, pictures=stills)
    yield Shot("mail-320-long-words", mail(with_long_words(document)).html, 320, pictures=stills)
    yield Shot("mail-text", f"<pre>{html.escape(mail(document).text)}</pre>", 700)


def illustrated(document: IssueDocument) -> tuple[IssueDocument, dict[str, bytes]]:
    """The issue with drawn stills, by their names."""
    found: dict[str, Picture] = {}
    stills: dict[str, bytes] = {}
    for address in pictures.missing(document):
        found[address], drawn = still(png(address, 480, 360))
        stills[found[address].name] = drawn
    return pictures.illustrated(document, found), stills


def with_long_words(document: IssueDocument) -> IssueDocument:
    """The issue with a title, a blurb and a quote that have no place to break."""
    group = document.groups[0]
    first = group.picks[0]
    said = first.quotes[1]
    odd = replace(
        first,
        title="Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2,
        blurb="https://blog.example.org/" + "a-very-long-address" * 8,
        quotes=(replace(said, quote=replace(said.quote, text="Rindfleischetikettierungs" * 6)),),
    )
    return replace(document, groups=(replace(group, picks=(odd,)),))
