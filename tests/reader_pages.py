"""Every page that a reader can come to, as the application answers, by a walk through all of them."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from reader_site import Page, Site

OTHER = "mira.new@example.org"


def all_pages(here: Site) -> Mapping[str, str]:
    """The HTML of each page by a name that sorts in the order of the walk; the mails stand among them."""
    found: dict[str, str] = {}

    def keep(name: str, page: Page) -> Page:
        found[f"{len(found) + 1:02}-{name}"] = page.answer.text
        return page

    def keep_mail(name: str) -> None:
        found[f"{len(found) + 1:02}-{name}"] = here.mail_page()

    keep("newsletters", here.open("s/"))
    form = keep("subscribe", here.open("s/weekly"))
    keep("subscribe-again", form.submit(address="mira@example.org"))
    keep("subscribe-no-address", here.sign_up("mira"))
    keep("asked", here.sign_up())
    keep_mail("mail-confirm")
    here.sign_up(digest="daily")
    confirm = keep("confirm", here.open_mailed())
    keep("confirmed", confirm.submit(digest=["daily"]))
    themes = keep("themes", here.open(f"{here.path()}/themes"))
    keep("themes-saved", themes.submit(theme=["water"]))
    keep("themes-none", themes.submit(theme=[]))
    rest = keep("rest", here.open(f"{here.path()}/pause"))
    keep("rest-wrong", rest.submit())
    keep("rest-saved", rest.submit(rest="2"))
    you = keep("you", here.open(f"{here.path()}/you"))
    keep("mailed", you.submit(purpose="address"))
    keep_mail("mail-address")
    keep("address-wrong", here.open_mailed().submit(address="mira"))
    address = keep("address", here.open_mailed())
    address.submit(address=OTHER)
    keep("move", here.open_mailed())
    keep("moved", here.open_mailed().submit())
    path = here.path(OTHER)
    leave = keep("leave", here.open(path))
    keep("left", leave.submit())
    keep("back", here.open(path).submit())
    keep("left-everything", leave.submit(1))
    keep("back-everything", Page(requests.post(f"{path}/all/undo", timeout=20)))
    here.open(f"{path}/you").submit(purpose="export")
    keep("export", here.open_mailed())
    here.open(f"{path}/you").submit(purpose="erase")
    erase = keep("erase", here.open_mailed())
    keep("erased", erase.submit())
    keep("used", erase.submit())
    keep("form-for-others", here.open("s/weekly/form"))
    for number in range(5):
        here.sign_up(f"reader{number}@example.org")
    keep("too-many", here.sign_up("reader9@example.org"))
    keep("missing", here.open("nowhere"))
    return found
