"""Bytes → posts."""
