"""The application: published documents over HTTP, and the pages of readers."""
