"""The first schema: sources, posts, issues, audience and the delivery ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table; a table stands after those it refers to."""
    _sources()
    _posts()
    _issues()
    _audience()
    _ledger()


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("own", sa.Boolean, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("site_url", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("added_at", INSTANT),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", sa.Text, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("first_collected_at", INSTANT),
        sa.Column("last_polled_at", INSTANT),
        sa.Column("last_good_at", INSTANT),
        sa.Column("next_poll_at", INSTANT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_sources"),
        sa.CheckConstraint("kind IN ('article', 'video')", name=op.f("ck_sources_kind")),
        sa.CheckConstraint("owner IN ('file', 'command')", name=op.f("ck_sources_owner")),
        sa.UniqueConstraint("url", name="uq_sources_url"),
    )
    op.create_index("ix_sources_next_poll_at", "sources", ["next_poll_at"])
    op.create_table(
        "themes",
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("not_terms", sa.Text, nullable=False),
        sa.Column("terms_by_language", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_themes"),
        sa.CheckConstraint("owner IN ('file', 'command')", name=op.f("ck_themes_owner")),
    )
    op.create_table(
        "rules",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_rules"),
        sa.CheckConstraint("kind IN ('source-theme', 'never-video')", name=op.f("ck_rules_kind")),
        sa.CheckConstraint("owner IN ('file', 'command')", name=op.f("ck_rules_owner")),
    )


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("url_hash", sa.Text, nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("published", INSTANT, nullable=False),
        sa.Column("updated", INSTANT),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("comments", sa.Text),
        sa.Column("held", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_posts"),
        sa.CheckConstraint("kind IN ('article', 'video')", name=op.f("ck_posts_kind")),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name="fk_posts_source", onupdate="CASCADE"),
    )
    op.create_index("ix_posts_first_seen", "posts", ["first_seen"])
    op.create_index(
        "ix_posts_held",
        "posts",
        ["published"],
        sqlite_where=sa.text("held <> ''"),
        postgresql_where=sa.text("held <> ''"),
    )
    op.create_index("ix_posts_published", "posts", ["published"])
    op.create_index("ix_posts_source_published", "posts", ["source", "published"])
    op.create_index("ix_posts_url_hash", "posts", ["url_hash"])
    op.create_table(
        "identities",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source", "identity", name="pk_identities"),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_identities_post"),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.slug"], name="fk_identities_source", onupdate="CASCADE"
        ),
    )
    op.create_table(
        "revisions",
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("videos", sa.Text, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("post", "number", name="pk_revisions"),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_revisions_post"),
    )


def _issues() -> None:
    op.create_table(
        "digests",
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_digests"),
    )
    op.create_table(
        "issues",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("slot", sa.Date, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("edit", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("approved_at", INSTANT),
        sa.Column("published_at", INSTANT),
        sa.Column("skipped_why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'published', 'skipped')", name=op.f("ck_issues_state")
        ),
        sa.ForeignKeyConstraint(["digest"], ["digests.slug"], name="fk_issues_digest"),
        sa.UniqueConstraint("digest", "number", name="uq_issues_digest_number"),
        sa.UniqueConstraint("digest", "slot", "name", name="uq_issues_digest_slot_name"),
    )
    op.create_table(
        "versions",
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("frozen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issue", "number", name="pk_versions"),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name="fk_versions_issue"),
    )
    op.create_table(
        "settlements",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("settlement", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", "post", name="pk_settlements"),
        sa.CheckConstraint(
            "settlement IN ('picked', 'listed', 'dropped')", name=op.f("ck_settlements_settlement")
        ),
        sa.ForeignKeyConstraint(["digest"], ["digests.slug"], name="fk_settlements_digest"),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name="fk_settlements_issue"),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_settlements_post"),
    )
    op.create_index("ix_settlements_issue", "settlements", ["issue"])
    op.create_table(
        "renderings",
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("issue", "version", "choice", name="pk_renderings"),
        sa.ForeignKeyConstraint(
            ["issue", "version"], ["versions.issue", "versions.number"], name="fk_renderings_issue_version"
        ),
    )


def _audience() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscriber", ROW_ID, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("consent_at", INSTANT),
        sa.Column("consent_source", sa.Text, nullable=False),
        sa.Column("unsubscribed_at", INSTANT),
        sa.PrimaryKeyConstraint("subscriber", "digest", name="pk_subscriptions"),
        sa.CheckConstraint(
            "state IN ('pending', 'confirmed', 'unsubscribed')", name=op.f("ck_subscriptions_state")
        ),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name="fk_subscriptions_subscriber"),
    )
    op.create_index("ix_subscriptions_digest_state_choice", "subscriptions", ["digest", "state", "choice"])
    op.create_table(
        "suppressions",
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_suppressions"),
    )


def _ledger() -> None:
    op.create_table(
        "sends",
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("issue", name="pk_sends"),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'cancelled', 'finished')", name=op.f("ck_sends_state")
        ),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name="fk_sends_issue"),
        sa.ForeignKeyConstraint(
            ["issue", "version"], ["versions.issue", "versions.number"], name="fk_sends_issue_version"
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("subscriber", ROW_ID, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.Column("bounced_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'sending', 'in_doubt', 'accepted', 'rejected', 'suppressed', 'cancelled', 'expired', 'nothing_for_them')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(["issue"], ["sends.issue"], name="fk_deliveries_issue"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name="fk_deliveries_subscriber"),
        sa.UniqueConstraint("subscriber", "issue", name="uq_deliveries_subscriber_issue"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_issue_state_next_try_at_id", "deliveries", ["issue", "state", "next_try_at", "id"]
    )
    op.create_index(
        "ix_deliveries_leased",
        "deliveries",
        ["lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
