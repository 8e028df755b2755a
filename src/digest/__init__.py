"""Themed digests with verbatim quotes: many feeds in, one Atom feed and newsletter out."""
