"""Direct speech in a post that lists no quotes: what was said, by whom, and how key it is."""
