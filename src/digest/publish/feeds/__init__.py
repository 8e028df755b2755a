"""Published issues → feeds: what their entries are, when each came and changed, and how each format writes them."""
