"""The history of the schema, for Alembic; ``digest.store.database.migrate`` applies it."""
