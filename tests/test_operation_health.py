"""What other machines ask: whether we live, whether we can work, and our numbers."""

from __future__ import annotations

import logging
import os
import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from databases import migrated_sqlite
from deliver_samples import KEYS, digest_settings, mail_settings, publish_settings
from digest import config
from digest.errors import ConfigError
from digest.metrics.catalogue import FIGURES
from digest.resources import Resources
from digest.settings import OperateSettings, ServeSettings, Settings
from digest.store.database import open_database, transaction
from digest.web.app import create_app
from digest.web.health import listening
from digest.web.server import serve
from installation import NOW, Clock

ENVIRONMENT = Resources().environment()
TOKEN = "forty-two lamps on the quay"


def settings_of(folder: Path, **operate: str) -> Settings:
    return Settings(
        digests=(digest_settings(),),
        mail=mail_settings(),
        publish=publish_settings(feeds_dir=folder / "feeds"),
        serve=ServeSettings(proxies=("127.0.0.1",)),
        operate=OperateSettings.model_validate(operate),
    )


@contextmanager
def site(engine: Engine, folder: Path, clock: Clock | None = None, **operate: str) -> Iterator[str]:
    (folder / "feeds").mkdir(exist_ok=True)
    settings = settings_of(folder, **operate)
    app = create_app(engine, settings, KEYS, ENVIRONMENT, clock or Clock(), metrics_token=TOKEN)
    with serve(app, "127.0.0.1", 0) as url:
        yield url


def ask(url: str, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(url, headers=named, timeout=20)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database that is only read, for tests in which it matters little which one."""
    path = tmp_path_factory.mktemp("kept") / "digest.db"
    migrated_sqlite(path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


# ── alive, and ready ─────────────────────────────────────────────────────────────────────────────


def test_a_process_that_lives_says_so_and_touches_nothing(engine: Engine, tmp_path: Path) -> None:
    """Even when the database is gone: what restarts processes must not restart one for that."""
    with site(engine, tmp_path) as url:
        with transaction(engine) as connection:
            connection.execute(text("DROP TABLE alembic_version"))
        found = ask(f"{url}/healthz")
        assert (found.status_code, found.text) == (200, "alive\n")
        assert found.headers["cache-control"] == "no-store"


def test_a_process_that_can_work_says_which_parts_were_looked_at(engine: Engine, tmp_path: Path) -> None:
    """The database answers and is of our making, the feeds can be written, the templates are there."""
    with site(engine, tmp_path) as url:
        found = ask(f"{url}/readyz")
        assert found.status_code == 200
        assert found.json() == {"ready": True, "parts": {"database": "ok", "feeds": "ok", "templates": "ok"}}


def test_a_database_that_another_digest_has_migrated_is_not_ready(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with the part; why is for the log, for it names files and hosts. It is ready again by itself."""
    clock = Clock()
    with site(engine, tmp_path, clock) as url:
        with transaction(engine) as connection:
            before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))
        found = ask(f"{url}/readyz")
        assert (found.status_code, found.json()["parts"]["database"]) == (503, "failed")
        assert "older than this digest" not in found.text
        assert "not ready: database: The database" in caplog.text
        assert "older than this digest" in caplog.text
        with transaction(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": before})
        clock.now = NOW.replace(minute=1)
        assert ask(f"{url}/readyz").json()["ready"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_not_ready_here(engine: Engine, tmp_path: Path) -> None:
    """Where tests do not run as root."""
    with site(engine, tmp_path) as url:
        (tmp_path / "feeds").chmod(0o500)
        assert ask(f"{url}/readyz").json()["parts"]["feeds"] == "failed"


def test_feeds_that_are_no_folder_are_not_ready(kept: Engine, tmp_path: Path) -> None:
    """A file in their place: nothing can be published."""
    with site(kept, tmp_path) as url:
        (tmp_path / "feeds").rmdir()
        (tmp_path / "feeds").write_text("not a folder")
        found = ask(f"{url}/readyz")
        assert (found.status_code, found.json()["parts"]["feeds"]) == (503, "failed")


def test_however_often_strangers_ask_the_database_is_looked_at_every_two_seconds(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the first look found is answered until then."""
    clock = Clock()
    with site(engine, tmp_path, clock) as url:
        assert ask(f"{url}/readyz").json()["ready"]
        with transaction(engine) as connection:
            connection.execute(text("DELETE FROM alembic_version"))
        assert ask(f"{url}/readyz").json()["ready"]
        clock.now = NOW.replace(second=3)
        assert [ask(f"{url}/readyz").status_code for _ in range(3)] == [503] * 3
        assert caplog.text.count("not ready") == 1


# ── who may read the numbers ─────────────────────────────────────────────────────────────────────


def test_programs_on_this_machine_read_the_numbers(engine: Engine, tmp_path: Path) -> None:
    """By default, as text that Prometheus reads, with every number of the catalogue that has a value already."""
    with site(engine, tmp_path) as url:
        ask(f"{url}/healthz")
        found = ask(f"{url}/metrics")
        assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
        families = {family.name: family for family in text_string_to_metric_families(found.text)}
        (build,) = families["digest_build_info"].samples
        assert build.labels["python"] == platform.python_version()
        assert build.labels["database"] == engine.dialect.name
        never_happened = {
            "digest_last_poll",
            "digest_scheduler",
            "digest_heartbeat",
            "digest_prune",
            "digest_backup",
        }
        for figure in FIGURES:
            if not figure.name.startswith(tuple(never_happened)):
                assert figure.name.removesuffix("_total") in families, figure.name


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "203.0.113.5"},
        {"Forwarded": "for=203.0.113.5"},
        {"Via": "1.1 proxy"},
        {"X_Real_IP": "203.0.113.5"},
        {"Host": "app.example.org"},
    ],
)
def test_whom_a_proxy_lets_through_is_not_on_this_machine(
    kept: Engine, tmp_path: Path, headers: dict[str, str]
) -> None:
    """Its connection comes from loopback, and so would everybody's in the world."""
    with site(kept, tmp_path) as url:
        assert ask(f"{url}/metrics", **headers).status_code in (400, 404)
        assert "digest_build_info" not in ask(f"{url}/metrics", **headers).text


def test_another_machine_does_not_read_the_numbers(kept: Engine, tmp_path: Path) -> None:
    """Asked over an address of this machine that is not loopback, where it has one."""
    address = _address_of_this_machine()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    app = create_app(kept, settings_of(tmp_path), KEYS, ENVIRONMENT, Clock())
    with serve(app, "0.0.0.0", 0) as url:
        port = url.rpartition(":")[2]
        found = requests.get(f"http://{address}:{port}/metrics", headers={"Host": "localhost"}, timeout=20)
        assert found.status_code == 404


def _address_of_this_machine() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def test_with_a_token_only_its_bearer_reads_the_numbers(kept: Engine, tmp_path: Path) -> None:
    """From anywhere, and nobody without it, on this machine either."""
    with site(kept, tmp_path, metrics="token") as url:
        right = ask(f"{url}/metrics", Authorization=f"Bearer {TOKEN}", X_Forwarded_For="203.0.113.5")
        assert right.status_code == 200
        wrong = [{}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}s"}]
        assert [ask(f"{url}/metrics", **each).status_code for each in wrong] == [401] * 3


def test_a_token_that_was_never_set_lets_nobody_in(kept: Engine, tmp_path: Path) -> None:
    """An empty one is none."""
    app = create_app(kept, settings_of(tmp_path, metrics="token"), KEYS, ENVIRONMENT, Clock())
    with serve(app, "127.0.0.1", 0) as url:
        assert ask(f"{url}/metrics", Authorization="Bearer ").status_code == 401


def test_a_token_that_is_missing_or_short_is_a_mistake(tmp_path: Path) -> None:
    """The environment wins over the file; the sentence names both, and no secret."""
    file = tmp_path / "metrics.token"
    settings = settings_of(tmp_path, metrics="token", metrics_token_file=str(file))
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert config.metrics_token(settings, {}) == TOKEN
    assert config.metrics_token(settings, {"DIGEST_METRICS_TOKEN": TOKEN[::-1]}) == TOKEN[::-1]
    assert config.metrics_token(settings_of(tmp_path), {}) == ""
    file.write_text("hunter2", encoding="utf-8")
    for unready in (settings, settings_of(tmp_path, metrics="token")):
        with pytest.raises(ConfigError, match=r"\[operate\] metrics_token_file") as caught:
            config.metrics_token(unready, {})
        assert "hunter2" not in str(caught.value)


def test_numbers_that_are_off_are_nowhere(kept: Engine, tmp_path: Path) -> None:
    """For this machine as for all others."""
    with site(kept, tmp_path, metrics="off") as url:
        assert ask(f"{url}/metrics").status_code == 404


# ── a process without pages ──────────────────────────────────────────────────────────────────────


def test_a_process_without_pages_answers_where_it_is_told_to(kept: Engine, tmp_path: Path) -> None:
    """The three routes, and no other page."""
    settings = settings_of(tmp_path, listen="127.0.0.1:0")
    with listening(kept, settings, ENVIRONMENT, Clock()) as url:
        assert ask(f"{url}/healthz").text == "alive\n"
        assert ask(f"{url}/readyz").json()["parts"]["database"] == "ok"
        assert "digest_build_info" in ask(f"{url}/metrics").text
        assert ask(f"{url}/desk/").status_code == 404


def test_it_listens_nowhere_unless_it_is_told_to(kept: Engine, tmp_path: Path) -> None:
    """The default."""
    with listening(kept, settings_of(tmp_path), ENVIRONMENT, Clock()) as url:
        assert url == ""


# ── a line for each request ──────────────────────────────────────────────────────────────────────


def test_a_request_is_logged_by_its_route_and_so_without_its_secrets(
    kept: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where [log] access asks for it: the token of a link is nowhere in the line."""
    caplog.set_level(logging.INFO)
    settings = settings_of(tmp_path)
    settings = settings.model_copy(update={"log": settings.log.model_copy(update={"access": True})})
    with serve(create_app(kept, settings, KEYS, ENVIRONMENT, Clock()), "127.0.0.1", 0) as url:
        ask(f"{url}/u/weekly/41.q83vEjRWeJASNFZ4kBI0Vg?who=ada@example.org")
        ask(f"{url}/no/such/page")
    lines = [each.getMessage() for each in caplog.records if each.name == "digest.web.measuring"]
    assert lines[0].startswith("GET /u/{digest}/{token}: 404 in ")
    assert lines[1].startswith("GET no page: 404 in ")
    assert "q83vEjRWeJASNFZ4kBI0Vg" not in caplog.text
    assert "ada@" not in caplog.text


def test_no_line_is_logged_unless_it_is_asked_for(
    kept: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The default; durations are measured in either case."""
    caplog.set_level(logging.INFO)
    with site(kept, tmp_path) as url:
        threads = [Thread(target=ask, args=(f"{url}/healthz",)) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        measured = ask(f"{url}/metrics").text
    assert not [each for each in caplog.records if each.name == "digest.web.measuring"]
    assert 'digest_page_duration_seconds_count{room="operation",status="2xx"}' in measured
