"""Addresses of people, where others may look."""

from __future__ import annotations


def masked(address: str) -> str:
    """Enough for its owner to know it, too little for whoever was forwarded the mail: ``r•••@example.org``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
