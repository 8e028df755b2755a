"""Every number that is told, by the customs of Prometheus: base units, ``_total`` for what only grows.

No label holds an address, a token or what somebody else wrote; each has few values, or those of config.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What may be done with a number."""

    GAUGE = "gauge"  # it goes up and down; read from the database when asked for, the same in every process
    COUNTER = "counter"  # of this process: it begins at 0 when it starts
    HISTOGRAM = "histogram"  # of this process: seconds, in buckets


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, or one for each combination of its labels."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, text: str, *labels: str) -> Figure:
    return Figure(f"digest_{name}", Kind.GAUGE, text, labels)


BUILD = _gauge("build_info", "Always 1; the labels tell what runs.", "version", "python", "database")

SOURCES = _gauge("sources", "Sources by state: new, answering, failing, gone, retired.", "state")
SOURCES_DUE = _gauge("sources_due", "Sources whose next poll is due.")
SOURCES_DUE_AGE = _gauge(
    "sources_due_oldest_seconds", "For how long the oldest of them has been due; 0: none is."
)
SOURCES_FAILING_AGE = _gauge(
    "sources_failing_longest_seconds",
    "Since when the source that has failed for longest has not answered well; 0: none fails.",
)
LAST_POLL = _gauge("last_poll_timestamp_seconds", "When a source was last polled.")
POSTS_OF_A_DAY = _gauge("posts_last_day", "Posts that were first seen within a day.")
POSTS_HELD = _gauge("posts_held", "Posts that are kept out of issues as back-fill.")

ISSUES = _gauge(
    "issues", "Issues by digest and state: draft, approved, published, skipped.", "digest", "state"
)
DELIVERIES = _gauge(
    "deliveries", "Rows of the ledger of the newest 5 sends, by issue and state.", "issue", "state"
)
SENDS = _gauge("sends", "Sends by state: running, paused, cancelled, finished.", "state")
IN_DOUBT = _gauge("deliveries_in_doubt", "Rows of all sends that wait for a person's word.")
PENDING_AGE = _gauge(
    "deliveries_pending_oldest_seconds",
    "For how long the oldest running send has had mail to send; 0: none has.",
)
OUTBOX = _gauge("outbox_mails", "Mail that is no issue, by state.", "state")
OUTBOX_AGE = _gauge(
    "outbox_oldest_seconds", "For how long the oldest mail of the Outbox has waited; 0: none waits."
)
NOTICES = _gauge(
    "notices", "Notices for the webhook by state: queued, brought, failed, told (by mail only).", "state"
)
NOTICES_AGE = _gauge("notices_oldest_seconds", "For how long the oldest notice has waited; 0: none waits.")
BOUNCES = _gauge("bounces_last_day", "Bounces and complaints of a day, by what they mean.", "kind")
SUPPRESSIONS = _gauge("suppressions", "Addresses that are never written to, by cause.", "cause")
HOLDS = _gauge("holds", "Addresses that are not written to for now.")
PAUSED_DOMAINS = _gauge("domains_paused", "Domains that are not written to for now.")

JOBS = _gauge("jobs_waiting", "Units of work that wait for a worker, by queue; of PostgreSQL only.", "queue")
JOBS_AGE = _gauge("jobs_waiting_oldest_seconds", "For how long the oldest of them has waited; 0: none waits.")

LAST_TICK = _gauge(
    "scheduler_last_tick_timestamp_seconds", "When the scheduler was last at work, on any machine."
)
LAST_HEARTBEAT = _gauge("heartbeat_last_timestamp_seconds", "When the heartbeat's address last answered.")
LAST_PRUNE = _gauge("prune_last_timestamp_seconds", "When what is old was last forgotten.")
LAST_BACKUP = _gauge("backup_last_timestamp_seconds", "When a backup was last made.")
FREE = _gauge(
    "disk_free_bytes", "Room on the disk of a folder: database, feeds, pictures or outbox.", "folder"
)

POLLS = Figure(
    "digest_polls_total", Kind.COUNTER, "Polls by outcome: new posts, nothing new, failed.", ("outcome",)
)
WORK = Figure(
    "digest_work_duration_seconds",
    Kind.HISTOGRAM,
    "How long a unit of work took: poll, draft, publish or send; and whether it failed.",
    ("work", "outcome"),
)
PAGES = Figure(
    "digest_page_duration_seconds",
    Kind.HISTOGRAM,
    "How long an answer took, by part of the application and class of status.",
    ("room", "status"),
)

FIGURES = (
    BUILD,
    SOURCES,
    SOURCES_DUE,
    SOURCES_DUE_AGE,
    SOURCES_FAILING_AGE,
    LAST_POLL,
    POLLS,
    POSTS_OF_A_DAY,
    POSTS_HELD,
    ISSUES,
    SENDS,
    DELIVERIES,
    IN_DOUBT,
    PENDING_AGE,
    OUTBOX,
    OUTBOX_AGE,
    NOTICES,
    NOTICES_AGE,
    BOUNCES,
    SUPPRESSIONS,
    HOLDS,
    PAUSED_DOMAINS,
    JOBS,
    JOBS_AGE,
    LAST_TICK,
    LAST_HEARTBEAT,
    LAST_PRUNE,
    LAST_BACKUP,
    FREE,
    WORK,
    PAGES,
)
