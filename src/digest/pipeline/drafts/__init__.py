"""From stored posts to a draft issue, and what editors change in it."""
