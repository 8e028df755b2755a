"""What no single value of config.toml tells: what must agree, and what must not go live."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from digest.assemble.window import draft_opens, is_regular, moment, pauses, review_by, slot_on
from digest.config import inbound
from digest.config.lines import Place
from digest.config.mailing import Findings, is_example, mail_findings
from digest.config.mistakes import Mistake, nearest
from digest.config.naming import with_slugs
from digest.config.operating import notices_findings, operate_findings
from digest.model import Approval
from digest.net.guard import endpoint
from digest.settings import (
    CollectSettings,
    DatabaseSettings,
    DigestSettings,
    InboundSettings,
    MailSettings,
    NoticesSettings,
    OperateSettings,
    PublishSettings,
    RuleSettings,
    Section,
    ServeSettings,
    Settings,
    SourceSettings,
    ThemeSettings,
)
from digest.text.links import canonical

Sections = Mapping[Place, Section]  # the tables that are right in themselves

EXAMPLE_POSTAL = "Example Editors, 1 Example Street, 12345 Exampletown"

LONGEST_PAUSE = timedelta(days=366)
_WEEK = tuple(date(2026, 6, 1) + timedelta(days=number) for number in range(7))
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")


def check(sections: Sections, data: Mapping[str, object]) -> list[Mistake]:
    """The mistakes between values; ``data`` is the whole file, also where a table is wrong in itself."""
    mistakes: list[Mistake] = []
    for place, section in sections.items():
        for kind, checked in _CHECKS.items():
            if isinstance(section, kind):
                mistakes += [Mistake((*place, key) if key else place, what) for key, what in checked(section)]
    mistakes += _unknown_references(sections, data)
    mistakes += _duplicates(sections)
    mail = sections.get(("mail",))
    if isinstance(mail, MailSettings) and mail.live:
        mistakes += _not_ready(sections)
    return mistakes


def warnings(settings: Settings) -> tuple[str, ...]:
    """What is no mistake, but should be known: what must change before mail goes live, and open secrets."""
    sections: Sections = {("mail",): settings.mail, ("publish",): settings.publish}
    found = [
        f"Before mail goes live: [{table}] {key}: {what}"
        for table, key, what in ((*item.place, item.what) for item in _not_ready(sections))
    ]
    if not settings.sources:
        found.append("config.toml names no [[sources]]: only sources added by command are collected.")
    mail = settings.mail
    inboxes = (settings.inbound.imap_password_file, settings.inbound.webhooks_file)
    operation = (settings.operate.metrics_token_file, settings.notices.webhook_secret_file)
    passwords = (mail.password_file, mail.second_password_file, *inboxes, *operation)
    for path in (*passwords, *mail.dkim_keys, settings.serve.secret_file):
        if path and _readable_by_others(path):
            found.append(f"{path} can be read by other people on this machine: run `chmod 600 {path}`.")
    return tuple(found)


def _readable_by_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


# ── one table ────────────────────────────────────────────────────────────────────────────────────


def _digest(digest: DigestSettings) -> Findings:
    try:
        ZoneInfo(digest.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(digest.zone, available_timezones()) if digest.zone else ""
        hint = hint if hint.startswith("did you mean") else "for example Europe/Berlin"
        yield "zone", f"expected the IANA name of a time zone, got {digest.zone!r}; {hint}"
    if digest.at.tzinfo:
        yield (
            "at",
            f"expected a local time without a zone, got {digest.at.isoformat()}; name the zone in `zone`",
        )
    if len(set(digest.days)) < len(digest.days):
        yield "days", "expected each day once"
    yield from _pauses(digest)
    yield from _clock(digest)
    if digest.min_picks > digest.max_picks:
        yield "min_picks", f"expected at most max_picks, which is {digest.max_picks}, got {digest.min_picks}"


def _pauses(digest: DigestSettings) -> Findings:
    try:
        found = pauses(digest.pause)
    except ValueError:
        yield "pause", "expected days of the calendar"
        return
    for first, last in found:
        if not timedelta() <= last - first <= LONGEST_PAUSE:
            yield (
                "pause",
                f"expected a first day and a last day, at most a year later, got {first}..{last}",
            )


def _clock(digest: DigestSettings) -> Findings:
    """Whether the moments of its issues follow each other, in a week without a change of the clocks."""
    plain = digest.model_copy(update={"zone": "UTC", "pause": (), "at": digest.at.replace(tzinfo=None)})
    week = [slot_on(plain, day) for day in _WEEK if is_regular(plain, day)]
    times = [slot.at for slot in week]
    if any(later <= earlier for earlier, later in pairwise([*times, times[0] + timedelta(days=7)])):
        yield "send_at", "expected another time for each of `days`, in their order"
    for key in ("cutoff", "review_by"):
        said = getattr(digest, key)
        if said and any(moment(plain, slot.day, said) > slot.at for slot in week):
            yield key, f"expected a time before the issue goes out, got {said!r}"
    vetoed = digest.approval is Approval.VETO
    if vetoed and any(review_by(plain, slot.day) <= draft_opens(plain, slot.day) for slot in week):
        yield (
            "review_by",
            "expected a time after the draft is opened (`draft_hours`), so that somebody can veto it",
        )


def _publish(publish: PublishSettings) -> Findings:
    for key, url in (("feeds_url", publish.feeds_url), ("app_url", publish.app_url)):
        parts = _split(url)
        if parts is None or parts.username is not None or parts.query or parts.fragment:
            yield key, "expected an address without a name, query or fragment"
    for old, new in publish.redirects.items():
        if new == old or (old.endswith("/") and new.startswith(old)):
            yield "redirects", f"expected another address than the former one, got {old!r} for both"


def _source(source: SourceSettings) -> Findings:
    parts = _split(source.url)
    if parts is None:
        yield "url", f"expected an address, got {source.url!r}"
    elif parts.username is not None:
        yield "url", "expected an address without a name and password: they do not belong into this file"


def _rule(rule: RuleSettings) -> Findings:
    given = tuple(
        name for name in ("source", "theme", "never_video", "name", "spelling") if getattr(rule, name)
    )
    if given not in (("source", "theme"), ("never_video",), ("name", "spelling")):
        yield "", "expected either `source` and `theme`, or `never_video`, or `name` and `spelling`"


def _collect(collect: CollectSettings) -> Findings:
    for text in collect.allow:
        try:
            endpoint(text)
        except ValueError as error:
            yield "allow", str(error)


def _database(database: DatabaseSettings) -> Findings:
    parts = _split(database.url)
    if parts is None or parts.scheme not in _DATABASES:
        yield (
            "url",
            f"expected sqlite:///PATH or postgresql://HOST/NAME, got the scheme {parts.scheme if parts else ''!r}",
        )
    elif parts.password is not None:
        yield "url", "expected no password: write it to ~/.pgpass or the file that $PGPASSFILE names"


def _serve(serve: ServeSettings) -> Findings:
    for proxy in serve.proxies:
        try:
            ip_network(proxy, strict=False)
        except ValueError:
            yield "proxies", f"expected addresses or networks such as 127.0.0.1 or 10.0.0.0/8, got {proxy!r}"


_CHECKS: Mapping[type[Section], Callable[..., Findings]] = {
    DigestSettings: _digest,
    MailSettings: mail_findings,
    PublishSettings: _publish,
    SourceSettings: _source,
    RuleSettings: _rule,
    CollectSettings: _collect,
    DatabaseSettings: _database,
    InboundSettings: inbound.findings,
    ServeSettings: _serve,
    OperateSettings: operate_findings,
    NoticesSettings: notices_findings,
}


# ── several tables ───────────────────────────────────────────────────────────────────────────────


def _unknown_references(sections: Sections, data: Mapping[str, object]) -> Iterator[Mistake]:
    """A name counts as known even where its own table has a mistake: one mistake, one sentence."""
    sources = _names(data, "sources") | {source.slug or "" for _, source in _sources(sections)}
    themes = _names(data, "themes")
    unknown = partial(_unknown, sources=sources, themes=themes)
    for place, section in sections.items():
        if isinstance(section, DigestSettings):
            for number, slug in enumerate(section.sources):
                yield from unknown((*place, "sources", number), slug, "source")
            for number, slug in enumerate(section.themes):
                yield from unknown((*place, "themes", number), slug, "theme")
        elif isinstance(section, RuleSettings):
            yield from unknown((*place, "source"), section.source, "source")
            yield from unknown((*place, "theme"), section.theme, "theme")


def _unknown(
    place: Place, slug: str | None, what: str, *, sources: Collection[str], themes: Collection[str]
) -> Iterator[Mistake]:
    known = sources if what == "source" else themes
    if slug and slug not in known:
        yield Mistake(
            place, f"expected the slug of a {what} of this file, got {slug!r}; {nearest(slug, sorted(known))}"
        )


def _names(data: Mapping[str, object], table: str) -> set[str]:
    rows = data.get(table)
    rows = rows if isinstance(rows, list) else []
    return {str(row["slug"]) for row in rows if isinstance(row, dict) and "slug" in row}


def _sources(sections: Sections) -> list[tuple[Place, SourceSettings]]:
    """The sources, each with the slug that it will have."""
    found = [(place, section) for place, section in sections.items() if isinstance(section, SourceSettings)]
    named = with_slugs([source for _, source in found])
    return [(place, source) for (place, _), source in zip(found, named, strict=True)]


def _duplicates(sections: Sections) -> Iterator[Mistake]:
    """Slugs and addresses that stand there twice; the second one is the mistake."""
    seen: dict[tuple[object, str, str], Place] = {}
    for place, key, value in _unique_values(sections):
        first = seen.setdefault((place[0], key, value), place)
        if first != place:
            number = int(first[1]) + 1
            yield Mistake(
                (*place, key), f"expected one that no other has, got {value!r} as in number {number}"
            )


def _unique_values(sections: Sections) -> Iterator[tuple[Place, str, str]]:
    for place, source in _sources(sections):
        yield place, "slug", source.slug or ""
        yield place, "url", canonical(source.url) or source.url
    for place, section in sections.items():
        if isinstance(section, DigestSettings | ThemeSettings):
            yield place, "slug", section.slug


def _not_ready(sections: Sections) -> Iterator[Mistake]:
    """What a file may say while nothing leaves the machine, and may not when mail goes live."""
    mail, publish = sections.get(("mail",)), sections.get(("publish",))
    if isinstance(mail, MailSettings) and _is_trial(mail):
        return
    if isinstance(mail, MailSettings):
        if is_example(parseaddr(mail.from_)[1].rpartition("@")[2]):
            yield Mistake(
                ("mail", "from"), f"expected an address of your own domain, got the example {mail.from_!r}"
            )
        if mail.postal == EXAMPLE_POSTAL:
            yield Mistake(("mail", "postal"), "expected your own postal address, got the example's")
    if isinstance(publish, PublishSettings):
        if is_example(re.split("[:,]", publish.tag)[1].rpartition("@")[2]):
            yield Mistake(
                ("publish", "tag"), f"expected a tag of your own domain, got the example {publish.tag!r}"
            )
        for key, url in (("feeds_url", publish.feeds_url), ("app_url", publish.app_url)):
            parts = _split(url)
            if parts and (parts.scheme != "https" or is_example(parts.hostname or "")):
                yield Mistake(("publish", key), f"expected a public https:// address, got {url!r}")


def _is_trial(mail: MailSettings) -> bool:
    """A rehearsal, such as the demo: from a domain for tests (RFC 6761 §6.2), to a relay on this machine."""
    relay = _split(mail.relay)
    at_home = relay is not None and (relay.hostname or "").startswith("127.")
    return at_home and parseaddr(mail.from_)[1].lower().endswith(".test")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        port = parts.port  # a bad one raises when it is asked for
    except ValueError:
        return None
    return parts if port != 0 else None
