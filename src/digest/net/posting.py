"""A form sent to a web server, under the same guard and deadline as what is fetched; only its status is read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import requests
from requests.cookies import RequestsCookieJar

from digest.net.http import Answer, Fetcher, Visit


def post_form(fetcher: Fetcher, url: str, form: Mapping[str, str]) -> int:
    """Send a form; the status of the answer. A redirect is not followed, for it may lead a form anywhere.

    Raises:
        FetchError: refused, unreachable or too slow.
    """
    with _Posting(fetcher, form) as visit:
        return visit.get(url).status


class _Posting(Visit):
    """A visit whose one request is a form."""

    def __init__(self, fetcher: Fetcher, form: Mapping[str, str]) -> None:
        super().__init__(fetcher)
        self._form = dict(form)

    def _ask(self, url: str, headers: Mapping[str, str], cookies: RequestsCookieJar, whole: bool) -> Answer:
        del cookies, whole  # there is one request, and nothing of its answer is read
        request = requests.Request("POST", url, headers=dict(headers), data=self._form).prepare()
        with closing(self._send(request)) as response:
            return Answer(response.status_code, url)
