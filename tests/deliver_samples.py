"""A digest, its letterhead, a rendering and an audience to send it to, for the tests of delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from digest import codec
from digest.deliver.letterhead import Letterhead, letterhead
from digest.model import (
    Delivery,
    DeliveryState,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Rendering,
    Send,
    SendState,
    Version,
)
from digest.settings import DigestSettings, MailSettings, PublishSettings, Settings
from digest.store import audience, deliveries, issues
from digest.store.database import transaction
from digest.tokens import Keys

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ISSUE = IssueId("weekly", date(2026, 11, 22))
KEYS = Keys((b"an invented key, only for tests!",))
PLACEHOLDER = "https://unsubscribe.invalid/"

PAGE = """<!doctype html>
<html lang="en" dir="ltr">
<body>
<h1>The Lowland Weekly</h1>
<p>“Water has no party,” said Mira Oduya. <a href="https://blog.example.org/water">Read it</a></p>
<p><a href="https://unsubscribe.invalid/">Unsubscribe</a> · The Lowland Weekly, 4 Dyke Road</p>
</body>
</html>
"""
TEXT = """The Lowland Weekly

“Water has no party,” said Mira Oduya. [1]
[1] https://blog.example.org/water

Unsubscribe: https://unsubscribe.invalid/
The Lowland Weekly, 4 Dyke Road
"""


def digest_settings(**values: object) -> DigestSettings:
    return DigestSettings.model_validate(
        {"slug": "weekly", "title": "The Lowland Weekly", "days": ["sunday"], "at": time(9), "zone": "UTC"}
        | values
    )


def mail_settings(**values: object) -> MailSettings:
    defaults = {
        "from": "The Lowland Weekly <news@example.org>",
        "postal": "The Lowland Weekly, 4 Dyke Road",
        "timeout_seconds": 2,
    }
    return MailSettings.model_validate(defaults | values)


def publish_settings(**values: object) -> PublishSettings:
    defaults = {
        "tag": "tag:example.org,2026:",
        "feeds_url": "https://feeds.example.org/",
        "app_url": "https://app.example.org",
    }
    return PublishSettings.model_validate(defaults | values)


def settings(feeds: Path, **publish: object) -> Settings:
    return Settings(
        digests=(digest_settings(),),
        mail=mail_settings(),
        publish=publish_settings(feeds_dir=feeds, **publish),
    )


def sample_letterhead(**mail: object) -> Letterhead:
    return letterhead(digest_settings(), mail_settings(**mail), publish_settings(), KEYS, PLACEHOLDER)


def rendering(subject: str = "Water, schools and a bridge", page: str = PAGE, text: str = TEXT) -> Rendering:
    return Rendering(ISSUE, 1, "", subject, page, text, sha256(page.encode()).hexdigest())


def delivery(state: DeliveryState = DeliveryState.SENDING, **values: object) -> Delivery:
    row = Delivery(7, ISSUE, 42, "reader@example.org", "", state)
    return replace(row, **values)  # type: ignore[arg-type]


def request_send(
    engine: Engine,
    readers: int,
    *,
    now: datetime = NOW,
    expires: timedelta = timedelta(hours=24),
    addresses: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Publish an issue, subscribe ``readers`` people (and ``addresses``), and ask for it to be sent."""
    everybody = (*(f"reader{number}@example.org" for number in range(1, readers + 1)), *addresses)
    rows = [audience.ImportRow(address, "weekly", None, now, "a form on paper") for address in everybody]
    document = IssueDocument(ISSUE, "The Lowland Weekly", "en", "Water", "Water", "", (), number=1)
    data = codec.dump(IssueDocument, document)
    with transaction(engine) as connection:
        issues.digest_started(connection, "weekly", now)
        draft = Issue(ISSUE, IssueState.DRAFT, document, now, now)
        assert issues.save_draft(connection, draft)
        issues.freeze(connection, draft, Version(ISSUE, 1, data, sha256(data).hexdigest(), now), {}, now)
        issues.published(connection, ISSUE, now)
        audience.import_rows(connection, rows, now)
        send = Send(ISSUE, 1, SendState.RUNNING, now, now + expires)
        assert deliveries.request_send(connection, send, ())
    return everybody
