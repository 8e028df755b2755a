"""Who writes, and for which digest: what all messages of a digest have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

from digest.deliver import verp
from digest.deliver.dkim import Signer
from digest.deliver.headers import one_line
from digest.errors import ConfigError
from digest.settings import DigestSettings, MailSettings, PublishSettings
from digest.tokens import Keys


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, and for which digest; ``placeholder`` stands in a rendering where the personal link goes."""

    digest: str
    title: str
    name: str  # of the sender, or ""
    sender: str  # the sender's address, in the From header
    reply_to: str
    domain: str  # permanent: message and list ids end with it
    app_url: str
    placeholder: str
    keys: Keys = field(repr=False)
    inbox: str = ""  # where bounces arrive, or "": with the sender
    verp: bool = False  # each copy has a sender of its own on the envelope, below the inbox
    by_mail: bool = False  # one may leave by a mail to the inbox
    signers: tuple[Signer, ...] = ()  # each of them signs

    @property
    def envelope(self) -> str:
        """The sender on the envelope of what is no copy of a row."""
        return self.inbox or self.sender

    def envelope_of(self, tag: str) -> str:
        """The sender on the envelope of the copy with this tag."""
        return verp.sender(self.inbox, tag) if self.verp else self.envelope


def letterhead(
    digest: DigestSettings,
    mail: MailSettings,
    publish: PublishSettings,
    keys: Keys,
    placeholder: str,
    signers: tuple[Signer, ...] = (),
) -> Letterhead:
    """The letterhead that config.toml describes. Ids take the domain of ``[publish] tag``, which never changes.

    Raises:
        ConfigError: ``from``, ``reply_to`` or ``bounces`` is no address, or that of ``bounces`` is too long.
    """
    name, sender = _mailbox("from", mail.from_)
    inbox = _inbox(mail) if mail.bounces else ""
    return Letterhead(
        digest=digest.slug,
        title=digest.title,
        name=name,
        sender=sender,
        reply_to=_mailbox("reply_to", mail.reply_to)[1] if mail.reply_to else "",
        domain=domain_of_ids(publish),
        app_url=publish.app_url,
        placeholder=placeholder,
        keys=keys,
        inbox=inbox,
        verp=bool(inbox) and mail.verp,
        by_mail=bool(inbox) and mail.mailto_unsubscribe,
        signers=signers,
    )


def domain_of_ids(publish: PublishSettings) -> str:
    """The permanent domain in which Message-IDs and List-Ids end: that of the tag."""
    return publish.tag.removeprefix("tag:").partition(",")[0].rpartition("@")[2].lower()


def _inbox(mail: MailSettings) -> str:
    address = _mailbox("bounces", mail.bounces)[1]
    if mail.verp and len(address.rpartition("@")[0]) > verp.LONGEST_NAME:
        raise ConfigError(
            f"[mail] bounces: {address} leaves no room for what tells whose a bounce is; take one of at most"
            f" {verp.LONGEST_NAME} characters before the @, or set verp = false"
        )
    return address


def _mailbox(setting: str, text: str) -> tuple[str, str]:
    name, bracket, address = text.strip().removesuffix(">").rpartition("<")
    try:
        parts = validate_email(
            address if bracket else text.strip(), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ConfigError(f"[mail] {setting}: expected Name <address>, got {text!r}: {error}") from error
    return one_line(name).strip('" '), f"{parts.local_part}@{parts.ascii_domain}"
