"""Lists of the API on both databases: page after page, in order, everything once."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import READERS, SUNDAY, api_of, drafted, filled
from digest.model import Role
from installation import installed_for


@pytest.mark.usefixtures("database_url")
def test_every_list_has_everything_once_and_in_order(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A row a page, so that each cursor is used."""
    with installed_for(request, tmp_path) as place, api_of(place) as api:
        filled(place)
        drafted(api.installation, api.clock)
        mira = api.client(*Role)
        extras = sorted((str(api.extra()) for _ in range(3)), reverse=True)
        issues = [row["id"] for row in mira.pages("/issues", limit=1)]
        assert issues == [str(SUNDAY), *extras]
        assert [row["id"] for row in mira.pages("/issues", limit=1, digest="weekly", state="draft")] == issues
        posts = [row["title"] for row in mira.pages("/posts", limit=1, source="hollin")]
        assert posts == ["The mill", "The weir", "The ford"]
        assert [row["address"] for row in mira.pages("/subscribers", limit=1)] == list(READERS)
        for address in READERS:
            assert mira.post("/suppressions", {"address": address, "why": "by telephone"}).ok
        assert [row["address"] for row in mira.pages("/suppressions", limit=1)] == list(READERS)
        log = [entry["action"] for entry in mira.pages("/log", limit=1, who="mira@hollin.test")]
        assert log == ["suppress"] * 3
