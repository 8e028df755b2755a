"""The mail that everybody sends here: 40 KB as it travels, of two parts, with a personal link in both."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path

SUBJECT = "Water, schools and a bridge"
SENDER = "news@example.org"
PLACEHOLDER = "https://unsubscribe.invalid/"  # as the newsletter's renderings have it
LINK = "https://app.example.org/u/weekly/%08d.c0ffee5ca1ab1e00c0ffee5ca1ab1e00"
_PICKS = 38
_WORDS = (
    "the river rose by the mill and nobody in the valley had asked for a bridge but the school was dry again"
)


def parts() -> dict[str, str]:
    """Subject, text and page, with the placeholder where the personal link goes."""
    picks = [_pick(number) for number in range(_PICKS)]
    text = "\n\n".join(f"{title}\n{said}\n{url}" for title, said, url in picks)
    page = "\n".join(
        f'<tr><td style="padding:16px 24px;font-family:Georgia,serif;font-size:16px;line-height:1.5">\n'
        f'<h2 style="margin:0 0 8px"><a href="{url}" style="color:#1a5fb4">{title}</a></h2>\n'
        f'<blockquote style="margin:0;border-left:3px solid #c0bfbc;padding-left:12px">“{said}”</blockquote>\n'
        "</td></tr>"
        for title, said, url in picks
    )
    leave = f'<p><a href="{PLACEHOLDER}">Unsubscribe</a> · The Lowland Weekly, 4 Dyke Road</p>'
    return {
        "subject": SUBJECT,
        "sender": SENDER,
        "placeholder": PLACEHOLDER,
        "text": f"The Lowland Weekly\n\n{text}\n\nUnsubscribe: {PLACEHOLDER}\nThe Lowland Weekly, 4 Dyke Road\n",
        "html": f'<!doctype html>\n<html lang="en" dir="ltr"><body><table>\n{page}\n</table>{leave}</body></html>\n',
    }


def _pick(number: int) -> tuple[str, str, str]:
    words = _WORDS.split()
    turned = " ".join(words[number % len(words) :] + words[: number % len(words)])
    token = sha256(str(number).encode()).hexdigest()[:16]
    return (
        f"Post {number}: {turned[:60]}",
        f"{turned}, said {token}, and {turned}",
        f"https://blog.example.org/{token}",
    )


def email(mail: dict[str, str], number: int) -> EmailMessage:
    """The message of one reader, as a program makes it with Python's own library."""
    link = LINK % number
    message = EmailMessage(policy=SMTP)
    message["From"] = f"The Lowland Weekly <{mail['sender']}>"
    message["To"] = recipient(number)
    message["Subject"] = mail["subject"]
    message["Message-ID"] = f"<weekly.2026-11-22.{number}@example.org>"
    message["List-Id"] = "The Lowland Weekly <weekly.example.org>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail["text"].replace(mail["placeholder"], link))
    message.add_alternative(mail["html"].replace(mail["placeholder"], link), subtype="html")
    return message


def recipient(number: int) -> str:
    """Whom the message with that number is for."""
    return f"reader{number}@example.org"


def write(path: Path) -> dict[str, str]:
    """Store the parts for processes in other languages, and return them."""
    mail = parts()
    path.write_text(json.dumps(mail), encoding="utf-8")
    return mail
