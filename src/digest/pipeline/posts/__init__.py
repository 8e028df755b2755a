"""From sources to stored posts: find, collect, read."""
