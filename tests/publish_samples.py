"""Issues built by hand for the tests of publish/: of any length, right to left, hostile in every field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar, cast

from digest.model import (
    Comments,
    Group,
    IssueDocument,
    IssueId,
    Link,
    ListedPost,
    Pick,
    PickLink,
    PickQuote,
    PickVideo,
    Picture,
    Quote,
    QuoteOrigin,
    Video,
)
from digest.publish import pictures
from digest.publish.addresses import PublishedIssue
from digest.settings import DigestSettings, MailSettings, PublishSettings

T = TypeVar("T")

DIGEST = DigestSettings(
    slug="weekly",
    title="The Harbour Letter",
    description="What was said about rights, water and schools this week.",
    language="en",
    days=("sunday",),
    at=time(9),
    zone="Europe/Berlin",
)
PUBLISH = PublishSettings(
    tag="tag:example.org,2026:",
    feeds_url="https://feeds.example.org",
    app_url="https://app.example.org",
)
MAIL = MailSettings.model_validate(
    {
        "from": "The Harbour Letter <letter@example.org>",
        "postal": "Harbour Desk, 4 Quay Street, 1010 Port Vellan",
    }
)
SLOT = date(2026, 11, 22)
PUBLISHED_AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

THEMES = ("Press freedom", "Water and climate", "Schools", "Elections", "Health")
TITLES = (
    "“We printed it on the school’s copier”: Mira Halden on a paper that would not close",
    "The well at Tessaly ran dry in March, and nobody wrote it down",
    "Counting votes in a gymnasium, with Jonas Verrill",
    "A nurse, a ferry and two hundred names",
    "What the harbour board knew about the sluice",
)
SPEAKERS = ("Mira Halden", "Jonas Verrill", "Adaeze Brandt", "Ruta Salvesen", "")
WORDS = (
    "A town without a paper is not a quiet town. It is a town that talks only to itself, and then only at night.",
    "They asked me for the list of sources. I gave them the list of the people who had not been asked.",
    "Water has a memory, but a budget has none, so we write everything down twice.",
    "I was told that the ballot boxes were counted. I asked by whom, and the room became very interested in the window.",
)
BLURB = (
    "For eleven years the only newspaper in Port Vellan was printed in a school at night. Its editor explains how "
    "it was paid for, who carried it across the water, and what she would do differently if she began again."
)


def pick(number: int) -> Pick:
    """A pick with two quotes, a related post or two, now and then a video."""
    slug = f"post-{number}"
    url = f"https://blog.example.org/2026/11/{slug}.html"
    return Pick(
        id=f"p-{slug}",
        post=slug,
        revision=1,
        url=url,
        title=TITLES[number % len(TITLES)] + (f" ({number})" if number >= len(TITLES) else ""),
        source="harbour",
        source_title="Harbour Notes",
        published=datetime(2026, 11, 20, 10, tzinfo=UTC) - timedelta(hours=number),
        updated=None,
        language="en",
        authors=("Ilse Marant",),
        minutes=4 + number % 5,
        blurb=BLURB,
        quotes=tuple(quote(number, which, url) for which in range(2)),
        videos=(PickVideo(video(number), "embedded in the post"),) if number % 3 == 0 else (),
        related_posts=tuple(PickLink(related(number, which), "listed by the post") for which in range(2)),
        comments=Comments(12, f"{url}#comments") if number % 4 == 0 else None,
        why="“press” stands in its title",
        score=10 - number / 100,
    )


def quote(number: int, which: int, url: str) -> PickQuote:
    text = WORDS[(number + which) % len(WORDS)]
    start, end = (text.split()[:3], text.split()[-3:])
    fragment = f"{'%20'.join(start)},{'%20'.join(end)}".replace("’", "%E2%80%99")
    speaker = SPEAKERS[(number + which) % len(SPEAKERS)]
    said = Quote(
        text=text,
        speaker=speaker,
        topics=("local papers",) if which == 0 else (),
        spans=((100, 100 + len(text)),),
        origin=QuoteOrigin.LISTED,
        confidence=1.0,
        link=f"{url}#:~:text={fragment}",
    )
    return PickQuote(f"q-{number}-{which}", said)


def video(number: int) -> Video:
    return Video(
        "youtube",
        f"vid{number:08d}",
        f"https://www.youtube.com/watch?v=vid{number:08d}",
        f"The night shift at the press, part {number}",
        "Harbour Talks",
        f"https://i.example.net/vi/vid{number:08d}/hqdefault.jpg",
    )


def related(number: int, which: int) -> Link:
    return Link(
        f"An older story about the quay, {number}.{which}",
        f"https://blog.example.org/2025/{number}-{which}.html",
    )


def listed(number: int) -> ListedPost:
    return ListedPost(
        f"listed-{number}",
        f"Also in the news {number}",
        f"https://other.example.net/{number}",
        "The Other Paper",
        PUBLISHED_AT,
    )


def new_video(number: int) -> ListedPost:
    shown = video(500 + number)
    return ListedPost(
        f"video-{number}",
        shown.title,
        shown.url,
        "Harbour Talks",
        PUBLISHED_AT,
        shown,
        "A talk.",
        theme="Health",
    )


def issue(picks: int = 5, *, slot: date = SLOT, name: str = "") -> IssueDocument:
    """An issue of that many picks under up to five themes, with videos and listed posts."""
    parts = [
        tuple(pick(number) for number in range(start, picks, len(THEMES))) for start in range(len(THEMES))
    ]
    groups = tuple(
        Group(title.lower().replace(" ", "-"), title, part)
        for title, part in zip(THEMES, parts, strict=True)
        if part
    )
    return IssueDocument(
        id=IssueId("weekly", slot, name),
        digest_title=DIGEST.title,
        language="en",
        title="Press freedom · Water and climate",
        subject="The Harbour Letter: Press freedom · Water and climate",
        introduction="Dear reader,\n\nthis week a printer, a well and a gymnasium. We listened to all three.",
        groups=groups,
        quote_of_the_week="q-0-0",
        new_videos=(new_video(1), new_video(2)),
        also_published=tuple(listed(number) for number in range(3)),
        number=12,
    )


def with_pictures(document: IssueDocument) -> IssueDocument:
    """The issue with a picture for each of its videos."""
    found = {
        address: Picture(f"{number:032x}.jpg", 480, 270)
        for number, address in enumerate(pictures.missing(document))
    }
    return pictures.illustrated(document, found)


def right_to_left() -> IssueDocument:
    """An issue in Persian with one English and two Persian picks."""
    title = "روزنامه‌ای که بسته نشد"
    words = "شهری که روزنامه ندارد شهر آرامی نیست؛ شهری است که تنها با خودش حرف می‌زند."
    document = issue(3)
    persian = tuple(
        replace(
            group,
            title="آزادی مطبوعات" if number == 0 else "آب",
            picks=tuple(
                replace(
                    one,
                    title=title,
                    language="fa",
                    source_title="یادداشت‌های بندر",
                    blurb="سردبیر تنها روزنامهٔ بندر توضیح می‌دهد که چگونه یازده سال شب‌ها در مدرسه چاپ می‌شد.",
                    quotes=(
                        replace(
                            one.quotes[0],
                            quote=replace(
                                one.quotes[0].quote, text=words, speaker="میرا هالدن", topics=("مطبوعات",)
                            ),
                        ),
                    ),
                )
                for one in group.picks
            ),
        )
        for number, group in enumerate(document.groups[:2])
    )
    return replace(
        document,
        language="fa",
        digest_title="نامهٔ بندر",
        subject="نامهٔ بندر: آزادی مطبوعات",
        introduction="خوانندهٔ گرامی، این هفته از یک چاپخانه و یک چاه می‌گوییم.",
        groups=(*persian, document.groups[2]),
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "]]></mj-text><mj-foo>&nbsp;{{ 7*7 }}{% x %}",
    '"><img src=x onerror=alert(1)>',
    "a\x00\x08b\u202ec\ufffe\nBcc: eve@example.net\r\n=?utf-8?q?x=0D=0A?=",
    "-->&lt;b&gt;&amp;#x3c;<!--",
)


def hostile(document: IssueDocument) -> IssueDocument:
    """The issue with an attack in every text but ids and slugs, and a script in every address."""
    attacks = iter(HOSTILE * 500)

    def attack(name: str, text: str) -> str:
        if name in (
            "id",
            "slug",
            "digest",
            "name",
            "post",
            "source",
            "platform",
            "language",
            "quote_of_the_week",
        ):
            return text
        if name in ("url", "link", "thumbnail"):
            return "javascript:alert(1)//" + next(attacks)
        return f"{text} {next(attacks)}"

    return each_text(document, attack)


def each_text(value: T, change: Callable[[str, str], str], name: str = "") -> T:
    """The value with ``change(field, text)`` in place of each text in it."""
    if type(value) is str:
        return cast(T, change(name, str(value)))
    if isinstance(value, tuple):
        return cast(T, tuple(each_text(part, change, name) for part in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            part.name: each_text(getattr(value, part.name), change, part.name) for part in fields(value)
        }
        return replace(value, **changed)
    return value


def published(
    document: IssueDocument | None = None, *, version: int = 1, weeks_ago: int = 0
) -> PublishedIssue:
    """A published issue; ``weeks_ago`` moves slot and times back."""
    when = PUBLISHED_AT - timedelta(weeks=weeks_ago)
    shown = document or issue(5, slot=SLOT - timedelta(weeks=weeks_ago))
    corrected = timedelta(hours=5) if version > 1 else timedelta()
    return PublishedIssue(shown, version, when, when + corrected)
