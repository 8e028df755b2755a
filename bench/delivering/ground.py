"""Where an issue waits to be sent: an installation in a folder, with as many readers as wanted."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from deliver_samples import ISSUE, request_send
from digest import config
from digest.model import Rendering
from digest.store import issues
from digest.store.database import migrate, open_database, transaction
from installation import CONFIG, SECRET

Mail = dict[str, str]


def write_config(folder: Path, port: int, connections: int, extra: str = "") -> Path:
    """A config.toml that sends to ``port``; ``extra`` is added to its part ``[mail]``."""
    values = {
        "feed": "http://127.0.0.1:9/feed",
        "endpoint": "127.0.0.1:9",
        "relay": f"smtp://127.0.0.1:{port}",
        "live": "true",
        "port": 8000,
        "database": "sqlite:///var/digest.db",
    }
    settings = CONFIG.format_map(defaultdict(str, values))
    settings = settings.replace(
        "timeout_seconds = 5\n\n[publish]",
        f"timeout_seconds = 60\nconnections = {connections}\n{extra}\n\n[publish]",
    )
    path = folder / "config.toml"
    path.write_text(settings, encoding="utf-8")
    secret = folder / "var" / "secret.key"
    if not secret.exists():
        config.write_secret(secret)
        secret.write_text(SECRET, encoding="ascii")
    return path


def prepare(folder: Path, mail: Mail, readers: int) -> Engine:
    """A database with an issue that is to be sent to ``readers`` people."""
    engine = open_database(f"sqlite:///{folder / 'var' / 'digest.db'}")
    migrate(engine)
    request_send(engine, readers, now=datetime.now(UTC))
    page = mail["html"]
    rendering = Rendering(
        ISSUE, 1, "", mail["subject"], page, mail["text"], sha256(page.encode()).hexdigest()
    )
    with transaction(engine) as connection:
        issues.save_renderings(connection, [rendering])
    return engine
