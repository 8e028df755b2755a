"""The rules of signing in: how long a session lasts, when to wait after wrong tries, what a password needs.

Lengths and waits follow NIST SP 800-63B: long passwords without rules of composition, and a limit of tries.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.model import Editor, Session

TRIES = 5  # wrong ones, for one address or from one network
TRY_WINDOW = timedelta(minutes=15)
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
PROOF = timedelta(minutes=15)  # for how long a typed password counts for a large send
TOUCH = timedelta(minutes=5)  # how exactly it is remembered that a session is used
CHOOSE = timedelta(hours=24)  # to choose a password by a link
MAILED = timedelta(hours=1)  # the same, where somebody asked for it by mail

SHORTEST = 12  # characters of a password
LONGEST_PASSWORD = 512


def is_over(session: Session, now: datetime) -> bool:
    """Whether a session has ended: unused for ``IDLE``, or older than ``LONGEST``."""
    return now >= session.seen_at + IDLE or now >= session.began_at + LONGEST


def is_proved(session: Session, now: datetime) -> bool:
    """Whether the password was typed so lately that a grave step needs it no more."""
    return now < session.proved_at + PROOF


def is_stale(session: Session, now: datetime) -> bool:
    """Whether it is worth a write to remember that the session is still used."""
    return now >= session.seen_at + TOUCH


def must_wait(wrong_tries: int) -> bool:
    """Whether nothing is looked at any more, right or wrong."""
    return wrong_tries >= TRIES


def unfit(password: str, editor: Editor) -> str:
    """What is wrong with a new password, as a sentence, or ""."""
    if len(password) < SHORTEST:
        return f"A password needs at least {SHORTEST} characters; a few words that only you would put together do."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    folded = password.casefold()
    if len(set(folded)) < 5 or folded in (editor.address.casefold(), editor.name.casefold()):
        return "That password would be the first to be tried; choose another."
    return ""
