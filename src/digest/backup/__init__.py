"""An installation in one file, and back: its database, its keys and secrets, its settings, templates and pictures."""
