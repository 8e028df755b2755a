"""Reports of providers, posted to the real application: proven ones act once, all others change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

import provider_reports as reports
from bounce_samples import READER
from bounced import bounced_at, delivery_to, effects, is_held, recorded, send_out, suppressed, tag_of
from deliver_samples import KEYS, NOW, settings
from digest.config import webhook_secrets
from digest.deliver.message import message_id
from digest.deliver.webhooks.posted import MAX_BODY, MOST_EVENTS, WINDOW
from digest.errors import ConfigError, FetchError
from digest.model import BounceEffect, BounceKind, SuppressionCause
from digest.resources import Resources
from digest.settings import InboundSettings
from digest.store.database import migrate, open_database
from digest.web.app import create_app
from digest.web.server import serve
from digest.web.webhooks import Hooks
from provider_reports import Report

REPLY = f"250 2.0.0 Ok: queued as <{reports.ID}@relay.example>"
SECRETS = {
    "postmark": reports.POSTMARK_LOGIN,
    "mailgun": reports.MAILGUN_KEY,
    "brevo": reports.BREVO_TOKEN,
    "ses": reports.TOPIC,
}


@dataclass
class Hook:
    """The application, and what it fetched from Amazon."""

    engine: Engine
    url: str
    fetched: list[str] = field(default_factory=list)
    certificate: bytes | None = None

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if self.certificate is None:
            raise FetchError("Amazon is away.")
        return self.certificate

    def post(self, report: Report) -> int:
        """Post a report; the status of the answer."""
        headers = {"Content-Type": "application/json"} | report.headers
        url = f"{self.url}/hooks/{report.provider}"
        return requests.post(url, data=report.body, headers=headers, timeout=10).status_code


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite; how rows are matched and judged is tested on both, in test_bounces_taken.py."""
    opened = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def hook(engine: Engine, tmp_path: Path) -> Iterator[Hook]:
    """One issue that went out, and whose reply has the provider's id."""
    send_out(engine, READER, reply=REPLY)
    found = Hook(engine, "", certificate=reports.certificate())
    secrets = SECRETS | {"sendgrid": reports.sendgrid_secret()}
    hooks = Hooks(secrets, found.fetch, "example.org")
    environment = Resources().environment()
    app = create_app(engine, settings(tmp_path), KEYS, environment, lambda: NOW, hooks=hooks)
    with serve(app, "127.0.0.1", 0) as url:
        found.url = url.rstrip("/")
        yield found


def mailgun(engine: Engine, event: str = "failed") -> Report:
    """A report that names the mail by the Message-ID that we gave it."""
    row = delivery_to(engine, READER)
    return reports.mailgun(event, message_id=message_id(row.issue, row.subscriber, 1, "example.org"))


GENUINE: dict[str, Callable[[Engine], Report]] = {
    "postmark": lambda _: reports.postmark(),
    "mailgun": mailgun,
    "sendgrid": lambda _: reports.sendgrid(),
    "brevo": lambda _: reports.brevo(),
    "ses": lambda _: reports.ses(),
    "ses, SHA-1": lambda _: reports.ses(version="1"),
}
FORGED: dict[str, Report] = {
    "postmark, other password": reports.postmark(login="digest:something else"),
    "postmark, none": Report("postmark", reports.postmark().body),
    "mailgun, other key": reports.mailgun(key="somebody else's key"),
    "mailgun, unsigned": Report("mailgun", json.dumps({"event-data": {"event": "failed"}}).encode()),
    "mailgun, old": reports.mailgun(at=NOW - WINDOW - timedelta(minutes=1)),
    "mailgun, to come": reports.mailgun(at=NOW + timedelta(hours=1)),
    "sendgrid, other key": reports.sendgrid(key="theirs"),
    "sendgrid, body changed": Report("sendgrid", reports.sendgrid().body + b" ", reports.sendgrid().headers),
    "sendgrid, unsigned": Report("sendgrid", reports.sendgrid().body),
    "sendgrid, old": reports.sendgrid(at=NOW - WINDOW - timedelta(minutes=1)),
    "brevo, other token": reports.brevo(token="somebody-else"),
    "ses, other key": reports.ses(key="somebody"),
    "ses, other topic": reports.ses(changes={"TopicArn": f"{reports.TOPIC}2"}),
    "ses, old": reports.ses(at=NOW - WINDOW - timedelta(minutes=1)),
    "ses, other kind of signature": Report("ses", reports.ses().body.replace(b'"2"', b'"3"')),
    "ses, words changed": Report("ses", reports.ses().body.replace(b"5.1.1", b"5.1.2")),
    "nothing": Report("ses", b""),
    "a list": Report("ses", b"[[],1,null]"),
    "no text": Report("mailgun", b"\xff\xfe"),
}


# ── what is proven acts ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GENUINE)
def test_a_proven_bounce_is_matched_and_acts_once(hook: Hook, name: str) -> None:
    """By the id in the reply, or by our Message-ID; the provider may bring it as often as it likes."""
    report = GENUINE[name](hook.engine)
    assert [hook.post(report) for _ in range(3)] == [200] * 3
    (bounce,) = recorded(hook.engine)
    assert (bounce.address, bounce.kind, bounce.status) == (READER, BounceKind.ADDRESS, "5.1.1")
    assert bounce.source == report.provider
    assert bounced_at(hook.engine) == NOW
    assert is_held(hook.engine)


COMPLAINTS: dict[str, Callable[[Engine], Report]] = {
    "postmark": lambda _: reports.postmark("SpamComplaint"),
    "mailgun": lambda engine: mailgun(engine, event="complained"),
    "sendgrid": lambda _: reports.sendgrid({"event": "spamreport"}),
    "brevo": lambda _: reports.brevo("spam"),
    "ses": lambda _: reports.ses(reports.complaint()),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_proven_complaint_suppresses_at_once(hook: Hook, name: str) -> None:
    """Whoever reports it."""
    assert hook.post(COMPLAINTS[name](hook.engine)) == 200
    assert [each.cause for each in suppressed(hook.engine)] == [SuppressionCause.COMPLAINT]


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (reports.postmark("SoftBounce", "452 4.2.2 full"), BounceKind.SOFT),
        (reports.postmark("Blocked", "550 5.7.1 blocked"), BounceKind.POLICY),
        (reports.postmark("HardBounce", "550 5.7.1 blocked"), BounceKind.POLICY),
        (reports.sendgrid({"type": "blocked", "status": "", "reason": "550 blocked"}), BounceKind.POLICY),
        (reports.sendgrid({"status": "5.2.2", "reason": "552 5.2.2 full"}), BounceKind.SOFT),
        (reports.brevo("soft_bounce", "full"), BounceKind.SOFT),
        (reports.brevo("blocked", ""), BounceKind.POLICY),
        (reports.ses(reports.bounce("Transient", "MailboxFull", status="4.2.2")), BounceKind.SOFT),
        (reports.ses(reports.bounce("Transient", "MessageTooLarge")), BounceKind.MESSAGE),
        (reports.ses(reports.bounce(status="5.7.1", diagnosticCode="550 5.7.1 no")), BounceKind.POLICY),
    ],
)
def test_what_is_no_absence_is_told_apart(hook: Hook, report: Report, kind: BounceKind) -> None:
    """Full, refused, too large: "hard" in a provider's words is not yet "gone"."""
    assert hook.post(report) == 200
    assert [bounce.kind for bounce in recorded(hook.engine)] == [kind]
    assert not is_held(hook.engine)


@pytest.mark.parametrize(
    "report",
    [
        reports.postmark("Transient", "452 later"),
        reports.postmark("AutoResponder", "I am away"),
        reports.postmark(RecordType="Delivery"),
        reports.mailgun(severity="temporary"),
        reports.mailgun(event="delivered"),
        reports.sendgrid({"event": "deferred"}, {"event": "open"}, {"event": "dropped"}),
        reports.brevo("delivered"),
        reports.ses(reports.bounce("Transient", "General", status="", diagnosticCode="")),
        reports.ses(reports.complaint("not-spam")),
        reports.ses(reports.complaint(subtype="OnAccountSuppressionList")),
        reports.ses({"notificationType": "Delivery", "mail": {"messageId": reports.ID}}),
        reports.ses({"Message": "You have chosen to subscribe"}),
    ],
)
def test_deliveries_delays_and_people_on_leave_change_nothing(hook: Hook, report: Report) -> None:
    """They are taken, so that the provider does not bring them again."""
    assert hook.post(report) == 200
    assert recorded(hook.engine) == []


def test_our_header_matches_what_has_another_id(hook: Hook) -> None:
    """SES gives back the headers of the mail where it was told to."""
    said = reports.bounce()
    said["mail"] = {
        "messageId": "unheard-of-id",
        "headers": [{"name": "X-Digest-Delivery", "value": tag_of(hook.engine)}],
    }
    hook.post(reports.ses(said))
    assert effects(hook.engine) == [BounceEffect.HELD]


def test_many_events_come_in_one_report(hook: Hook) -> None:
    """Each for itself: one matches, one is of a mail that is not ours, one is of nobody."""
    report = reports.sendgrid(
        {}, {"sg_message_id": "another-id-entirely"}, {"email": "nobody@example.net"}, {"event": "click"}
    )
    assert hook.post(report) == 200
    assert sorted(effects(hook.engine)) == [BounceEffect.HELD, BounceEffect.UNMATCHED, BounceEffect.UNMATCHED]


# ── what is not proven changes nothing ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FORGED)
def test_a_report_that_proves_nothing_changes_nothing(hook: Hook, name: str) -> None:
    """403, and no row."""
    assert hook.post(FORGED[name]) == 403
    assert recorded(hook.engine) == []
    assert bounced_at(hook.engine) is None
    assert not is_held(hook.engine)
    assert suppressed(hook.engine) == []


def test_a_proven_report_on_a_mail_that_is_not_ours_is_listed_only(hook: Hook) -> None:
    """An account may send other mail, too."""
    report = reports.postmark(MessageID="ffffffff-0000-4000-8000-000000000000")
    assert hook.post(report) == 200
    assert effects(hook.engine) == [BounceEffect.UNMATCHED]
    assert not is_held(hook.engine)


def test_a_short_or_empty_id_matches_nothing(hook: Hook) -> None:
    """ "250" stands in every reply."""
    for id_ in ("", "250", "Ok"):
        assert hook.post(reports.postmark(MessageID=id_)) == 200
    assert set(effects(hook.engine)) == {BounceEffect.UNMATCHED}


def test_providers_without_a_secret_are_not_there(engine: Engine, tmp_path: Path) -> None:
    """Nor is anything where no report is taken at all."""
    environment = Resources().environment()
    hooks = Hooks({"brevo": reports.BREVO_TOKEN}, lambda _: b"", "example.org")
    for given in (hooks, None):
        app = create_app(engine, settings(tmp_path), KEYS, environment, lambda: NOW, hooks=given)
        with serve(app, "127.0.0.1", 0) as url:
            hook = Hook(engine, url.rstrip("/"))
            assert hook.post(reports.postmark()) == 404
            assert hook.post(Report("unheard-of", b"{}")) == 404
            assert hook.post(reports.brevo()) == (200 if given else 404)
            assert requests.get(f"{hook.url}/hooks/brevo", timeout=10).status_code in (404, 405)


def test_a_body_that_is_too_large_is_refused(hook: Hook) -> None:
    """Whatever its headers say."""
    assert hook.post(Report("postmark", b"x" * (MAX_BODY + 1), reports.postmark().headers)) == 413
    chunks = (b"x" * 100_000 for _ in range(12))
    url = f"{hook.url}/hooks/postmark"
    assert requests.post(url, data=chunks, timeout=10).status_code == 413


def test_deep_and_long_reports_are_cut(hook: Hook) -> None:
    """A hundred thousand brackets are no report, and of many events only so many are read."""
    assert hook.post(Report("brevo", b"[" * 100_000, reports.brevo().headers)) == 200
    many = [{"event": "delivered"}] * (MOST_EVENTS + 5) + [
        {"event": "spam", "email": READER, "message-id": reports.ID}
    ]
    assert hook.post(Report("brevo", json.dumps(many).encode(), reports.brevo().headers)) == 200
    assert recorded(hook.engine) == []


def test_a_database_that_is_away_asks_for_the_report_again(tmp_path: Path) -> None:
    """503: the provider will bring it once more."""
    engine = open_database(f"sqlite:///{tmp_path / 'gone.db'}")  # without tables it is no database of ours
    hooks = Hooks({"brevo": reports.BREVO_TOKEN}, lambda _: b"", "example.org")
    (tmp_path / "gone.db").write_bytes(b"this is no database" * 100)
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW, hooks=hooks)
    with serve(app, "127.0.0.1", 0) as url:
        assert Hook(engine, url.rstrip("/")).post(reports.brevo()) == 503
    engine.dispose()


# ── Amazon's certificates and subscriptions ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://s3.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-" + "0a" * 16 + ".pem\n",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_is_fetched_from_amazon_only(hook: Hook, url: str) -> None:
    """Signed rightly, by a key whose certificate lies elsewhere: nothing is fetched."""
    assert hook.post(reports.ses(changes={"SigningCertURL": url})) == 403
    assert hook.fetched == []


def test_a_certificate_is_fetched_once(hook: Hook) -> None:
    """And a report of another topic fetches none."""
    for _ in range(3):
        hook.post(reports.ses())
    hook.post(reports.ses(changes={"TopicArn": "arn:aws:sns:eu-west-1:999999999999:theirs"}))
    assert hook.fetched == [reports.CERTIFICATE_URL]


def test_a_stranger_cannot_make_us_fetch_for_ever(hook: Hook) -> None:
    """Ten certificates an hour; those that are known go on working."""
    assert hook.post(reports.ses()) == 200
    for number in range(30):
        hook.post(
            reports.ses(
                key="evil",
                changes={"SigningCertURL": reports.CERTIFICATE_URL.replace("0a0a", f"0b{number:02}")},
            )
        )
    assert len(hook.fetched) == 10
    assert hook.post(reports.ses()) == 200


def test_a_certificate_that_is_over_or_away_proves_nothing(hook: Hook) -> None:
    """Nor one that is none."""
    for certificate in (None, b"", b"no certificate", reports.certificate(until=NOW - timedelta(days=1))):
        hook.certificate = certificate
        hook.fetched.clear()
        changed = reports.CERTIFICATE_URL.replace("0a0a", f"{len(certificate or b''):04}"[:4])
        assert hook.post(reports.ses(changes={"SigningCertURL": changed})) == 403


def test_our_topic_is_confirmed_and_no_other(hook: Hook) -> None:
    """Only at Amazon's address, and only what is signed."""
    assert hook.post(reports.ses_subscription()) == 200
    assert hook.fetched == [reports.CERTIFICATE_URL, reports.SUBSCRIBE_URL]
    hook.fetched.clear()
    assert hook.post(reports.ses_subscription("https://evil.example/?Action=ConfirmSubscription")) == 200
    assert hook.post(reports.ses_subscription(topic=f"{reports.TOPIC}2")) == 403
    assert hook.post(reports.ses_subscription(key="evil")) == 403
    assert hook.fetched == []


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def test_secrets_are_read_from_the_file_or_the_environment(tmp_path: Path) -> None:
    """The environment wins; without either nothing is taken."""
    path = tmp_path / "webhooks.toml"
    path.write_text('postmark = "digest:a password"\n', encoding="utf-8")
    plain = settings(tmp_path)
    with_file = plain.model_copy(update={"inbound": InboundSettings(webhooks_file=path)})
    assert webhook_secrets(plain, {}) == {}
    assert webhook_secrets(with_file, {}) == {"postmark": "digest:a password"}
    environ = {"DIGEST_WEBHOOKS": f'ses = "{reports.TOPIC}"'}
    assert webhook_secrets(with_file, environ) == {"ses": reports.TOPIC}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('sendgird = "a long secret"', "expected the name of a provider"),
        ('brevo = "short"', "at least 8 characters"),
        ("brevo = 12345678", "at least 8 characters"),
        ('ses = "https://sns.example"', "expected the ARN"),
        ('postmark = "a long secret"', "expected NAME:PASSWORD"),
        ("a long secret", "expected lines such as"),
    ],
)
def test_a_mistake_in_the_secrets_is_said_without_them(tmp_path: Path, line: str, expected: str) -> None:
    """Which file, which provider, what was expected."""
    path = tmp_path / "webhooks.toml"
    path.write_text(line, encoding="utf-8")
    given = settings(tmp_path).model_copy(update={"inbound": InboundSettings(webhooks_file=path)})
    with pytest.raises(ConfigError, match=expected) as mistake:
        webhook_secrets(given, {})
    assert "long secret" not in str(mistake.value)
    assert str(path) in str(mistake.value)
