"""A form or a document sent to a web server, under the same guard and deadline as what is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urlencode

import requests
from requests.cookies import RequestsCookieJar

from digest.net.http import Answer, Fetcher, Visit

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post_form(fetcher: Fetcher, url: str, form: Mapping[str, str]) -> int:
    """Send a form; the status of the answer. A redirect is not followed, for it may lead a form anywhere.

    Raises:
        FetchError: refused, unreachable or too slow.
    """
    return post(fetcher, url, urlencode(form).encode(), _FORM)


def post(fetcher: Fetcher, url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a document; the status of the answer, of which nothing else is read, and no redirect followed.

    Raises:
        FetchError: refused, unreachable or too slow.
    """
    with _Posting(fetcher, body, headers) as visit:
        return visit.get(url).status


class _Posting(Visit):
    """A visit whose one request brings something."""

    def __init__(self, fetcher: Fetcher, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(fetcher)
        self._body, self._headers = body, headers

    def _ask(self, url: str, headers: Mapping[str, str], cookies: RequestsCookieJar, whole: bool) -> Answer:
        del cookies, whole  # there is one request, and nothing of its answer is read
        all_headers = {**headers, **self._headers}
        request = requests.Request("POST", url, headers=all_headers, data=self._body).prepare()
        with closing(self._send(request)) as response:
            return Answer(response.status_code, url)
