"""What config.toml says, as frozen values. Read, checked and explained by ``digest.config``.

Field names are the keys of the file; docs/configuration.md describes each one. Durations are minutes or
hours as their names say; paths are absolute once ``digest.config`` has resolved them against the file.
"""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from digest.model import Approval, FullText

# What ``digest.config`` explains in words when a value does not match.
SLUG = r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$"
URL = r"^https?://[^\s/]+\S*$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$"
TAG = r"^tag:[A-Za-z0-9.@-]+,\d{4}(-\d\d(-\d\d)?)?:\S*$"  # RFC 4151
MOMENT = (  # "18:00", "friday 18:00", "-2 18:00", "friday", "-2", or "" for none
    r"^(|(monday|tuesday|wednesday|thursday|friday|saturday|sunday|-([1-9]|1[0-3]))( ([01]\d|2[0-3]):[0-5]\d)?"
    r"|([01]\d|2[0-3]):[0-5]\d)$"
)
PAUSE = r"^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$"
FORMER = r"^([A-Za-z0-9_][A-Za-z0-9._+~-]*/)*([A-Za-z0-9_][A-Za-z0-9._+~-]*/?)$"  # a path below ``feeds_dir``
DOMAIN = r"^(([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63})?$"  # in A-labels
COLOUR = r"^#[0-9a-fA-F]{6}$"
PROXY = r"^[0-9A-Fa-f.:]{2,39}(/\d{1,3})?$"  # an address or a network, as digest.callers reads it
FONTS = r"^[A-Za-z0-9 ,-]{3,200}$"  # unquoted, so that they may stand in any attribute

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Url = Annotated[str, StringConstraints(pattern=URL)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
Fonts = Annotated[str, StringConstraints(pattern=FONTS)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Moment = Annotated[str, StringConstraints(pattern=MOMENT)]  # read by ``assemble.window``
Pause = Annotated[str, StringConstraints(pattern=PAUSE)]
FormerPath = Annotated[str, StringConstraints(pattern=FORMER, max_length=200)]
Proxy = Annotated[str, StringConstraints(pattern=PROXY)]
Term = Annotated[str, StringConstraints(min_length=1)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Section(BaseModel):
    """A table of config.toml: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Section):
    url: str = "sqlite:///var/digest.db"
    redactions_file: Path = Path("var/redactions.json")  # what was removed on request, for a restored backup


class CollectSettings(Section):
    interval_minutes: int = Field(60, ge=5)  # at least, between polls of a source that sends validators
    first_posts: int = Field(5, ge=1, le=100)  # of a source's first collection, at least these are new
    allow: tuple[str, ...] = ()  # "host:port" that may be contacted although private, e.g. "127.0.0.1:8000"
    timeout_seconds: float = Field(30, ge=1, le=120)  # in all, per document
    workers: int = Field(8, ge=1, le=64)


class AssembleSettings(Section):
    semantic: bool = False  # posts are compared by what they mean too: the extra ``semantic``


class SourceSettings(Section):
    url: Url
    slug: Slug | None = None  # default: made from the host
    title: str = ""
    own: bool = False
    weight: float = Field(1.0, gt=0, le=10)
    shorts: bool = True  # of a YouTube channel: its shorts
    live: bool = True  # of a YouTube channel: its streams and what was recorded of them
    premieres: bool = True  # a video that is announced is taken at once; false: once it is out
    quotes: int | None = Field(None, ge=0, le=10)  # default: the digest's quotes_per_pick
    excerpt_words: int | None = Field(None, ge=5, le=200)  # default: two or three lines
    fulltext: FullText = FullText.AUTO
    labels: tuple[Label, ...] = ()  # an editor's own; "Coast/Boats" is a folder in a folder


class ThemeSettings(Section):
    slug: Slug
    title: str = Field(min_length=1)
    terms: tuple[Term, ...] = ()
    not_terms: tuple[Term, ...] = ()
    terms_by_language: dict[str, tuple[Term, ...]] = {}
    description: str = ""
    weight: float = Field(1.0, gt=0, le=10)


class RuleSettings(Section):
    """Either ``source`` and ``theme``, or ``never_video``, or ``name`` and ``spelling``."""

    source: Slug | None = None
    theme: Slug | None = None
    never_video: Url | None = None
    name: str | None = Field(None, min_length=1, max_length=300)
    spelling: str | None = Field(None, min_length=1, max_length=300)


class DigestSettings(Section):
    slug: Slug
    title: str = Field(min_length=1)
    description: str = ""
    language: str = Field("en", pattern=LANGUAGE)
    days: tuple[Day, ...] = Field(min_length=1)
    at: time  # local time of the slot, in ``zone``
    zone: str  # IANA name
    send_at: Moment = ""  # empty: the slot's day at ``at``
    cutoff: Moment = ""  # posts first seen later go to the next issue; empty: when it is frozen
    review_by: Moment = ""  # empty: when it goes out
    pause: tuple[Pause, ...] = ()  # days without an issue
    missed: Literal["merge", "catch-up", "skip"] = "merge"  # what becomes of slots that were slept over
    first_issue: int = Field(1, ge=1, le=1_000_000)  # the number of the first issue
    draft_hours: int = Field(48, ge=1, le=24 * 14)  # how long before its slot a draft is opened
    approval: Approval = Approval.HOLD
    sources: tuple[Slug, ...] = ()  # empty: all
    themes: tuple[Slug, ...] = ()  # empty: all
    max_picks: int = Field(12, ge=1, le=200)
    min_picks: int = Field(1, ge=0, le=50)
    quotes_per_pick: int = Field(2, ge=0, le=10)
    expires_hours: int = Field(24, ge=1, le=24 * 14)  # after this, what is still queued is not sent
    like: str = ""  # a digest above; when a file is read, what it says takes the place of this


class MailSettings(Section):
    live: bool = False  # until true every mail goes to ``folder``
    folder: Path = Path("var/outbox")
    relay: str = "smtp://localhost:25"  # smtp:// (STARTTLS where offered), smtps://
    starttls: Literal["required", "offered", "never"] = "offered"
    username: str = ""
    password_file: Path | None = None  # or the environment variable DIGEST_MAIL_PASSWORD
    from_: str = Field(alias="from")  # "Name <address>"
    reply_to: str = ""
    bounces: str = ""  # an inbox that takes NAME+anything@DOMAIN; empty: bounces go to the sender
    verp: bool = True  # with ``bounces``: each copy has a sender of its own on the envelope
    mailto_unsubscribe: bool = True  # with ``bounces``: one may leave by a mail to it
    dkim_keys: tuple[Path, ...] = ()  # SELECTOR.pem: each of them signs
    dkim_domain: str = Field("", pattern=DOMAIN)  # empty: that of ``from``
    postal: str = Field(min_length=1)  # the postal line under every mail
    timeout_seconds: float = Field(300, ge=1, le=600)  # per answer; RFC 5321 says 5 minutes
    connections: int = Field(10, ge=1, le=100)  # at most; a send begins with two
    senders: int = Field(4, ge=1, le=64)  # of several machines, so many at most share a send and its limits
    per_second: float | None = Field(None, gt=0, le=10_000)  # messages, over all connections
    per_hour: int | None = Field(None, ge=1)
    per_day: int | None = Field(None, ge=1)
    warm_up: tuple[int, ...] = ()  # messages on the first, second, … day of a new relay or address
    warm_up_from: date | None = None  # the first of these days
    second_relay: str = ""  # where mail goes while ``relay`` is away; empty: it waits
    second_username: str = ""
    second_password_file: Path | None = None  # or the environment variable DIGEST_MAIL_SECOND_PASSWORD
    first_percent: float = Field(0.0, ge=0, le=50)  # of an audience, who get an issue first; 0: all at once
    first_minutes: int = Field(15, ge=0, le=24 * 60)  # from the last of them to all others


class InboundSettings(Section):
    """Where mail that comes back is read."""

    lmtp: str = ""  # "HOST:PORT" or the path of a socket at which `digest run` listens; empty: it does not
    imap: str = ""  # imaps://HOST:PORT, or imap:// on this machine; empty: no mailbox is read
    imap_user: str = ""
    imap_password_file: Path | None = None  # or the environment variable DIGEST_IMAP_PASSWORD
    imap_folder: str = "INBOX"
    imap_minutes: int = Field(5, ge=1, le=24 * 60)  # between two looks
    webhooks_file: Path | None = None  # the secrets of the providers whose reports are taken at /hooks/


class PublishSettings(Section):
    tag: str = Field(pattern=TAG)  # permanent ids are made from it
    feeds_url: Url  # where the world finds ``feeds_dir``
    app_url: Url  # where the world finds ``digest serve``
    feeds_dir: Path = Path("feeds")
    redirects: dict[
        FormerPath, FormerPath
    ] = {}  # where published documents stood once → where they stand now
    hub: Url | None = None  # a WebSub hub that is told of new bytes in our feeds
    templates_dir: Path | None = None  # a folder that overrides templates file by file
    pictures_dir: Path = Path("var/pictures")  # stills of videos, as they were drawn anew
    accent: Colour = "#0b5d5b"
    accent_dark: Colour | None = None  # on dark paper; default: made from ``accent``
    headline_font: Fonts = "Georgia, Times New Roman, serif"
    text_font: Fonts = "-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
    logo: Url | None = None  # the address of a picture that stands in the place of the title
    logo_width: int = Field(200, ge=16, le=552)  # pixels as shown


class ServeSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    proxies: tuple[Proxy, ...] = ()  # our own, whose X-Forwarded-For is believed
    api_per_minute: int = Field(
        600, ge=1, le=1_000_000
    )  # requests with one token; a network may make twice as many
    secret_file: Path = Path("var/secret.key")  # signs links; or the environment variable DIGEST_SECRET


class DeskSettings(Section):
    mails: bool = True  # editors get a draft that is ready, a reminder, and a report of a send
    four_eyes: bool = False  # who edits an issue does not approve it, and who did either does not send it


class OperateSettings(Section):
    """What other machines may see of this one."""

    metrics: Literal["loopback", "token", "off"] = "loopback"  # who may read /metrics
    metrics_token_file: Path | None = None  # or the environment variable DIGEST_METRICS_TOKEN
    listen: str = ""  # "HOST:PORT" at which a process without pages answers /healthz, /readyz and /metrics
    heartbeat: Url | None = None  # called while the scheduler works, and after each send
    allow: tuple[
        str, ...
    ] = ()  # "host:port" of ``heartbeat`` and of ``[notices] webhook`` in our own network


class LogSettings(Section):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"
    access: bool = False  # a line for each request, secret links masked


class NoticesSettings(Section):
    """Who is told that something needs a person, beside the first page of the desk."""

    mails: bool = True  # to the editors whom it concerns
    webhook: Url | None = None  # gets each notice as JSON
    webhook_secret_file: Path | None = None  # signs them; or the environment variable DIGEST_NOTICES_SECRET


class RetentionSettings(Section):
    """After how many days what is forgotten; docs/operation.md says what never is."""

    addresses_days: int = Field(365, ge=30)  # in the rows of finished sends, with the relay's words
    edits_days: int = Field(180, ge=30)  # of published issues: what a change could be taken back to
    revisions_days: int = Field(365, ge=90)  # of posts in no issue: what they said before
    bounces_days: int = Field(365, ge=30)  # their words; what matched no mail goes whole
    mail_days: int = Field(30, ge=7)  # closed mail of the Outbox, and notices
    audit_days: int | None = Field(None, ge=90)  # none: the log of the desk is kept


class Settings(Section):
    """All of config.toml."""

    digests: tuple[DigestSettings, ...] = Field(min_length=1)
    mail: MailSettings
    publish: PublishSettings
    sources: tuple[SourceSettings, ...] = ()
    themes: tuple[ThemeSettings, ...] = ()
    rules: tuple[RuleSettings, ...] = ()
    database: DatabaseSettings = DatabaseSettings()
    collect: CollectSettings = CollectSettings()
    assemble: AssembleSettings = AssembleSettings()
    inbound: InboundSettings = InboundSettings()
    serve: ServeSettings = ServeSettings()
    desk: DeskSettings = DeskSettings()
    operate: OperateSettings = OperateSettings()
    log: LogSettings = LogSettings()
    notices: NoticesSettings = NoticesSettings()
    retention: RetentionSettings = RetentionSettings()

    def digest(self, slug: str) -> DigestSettings | None:
        """The digest of that slug, or None."""
        return next((digest for digest in self.digests if digest.slug == slug), None)
