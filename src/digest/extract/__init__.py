"""A post's HTML → what an editor would underline."""
