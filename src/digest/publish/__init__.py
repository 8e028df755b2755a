"""A frozen version → what people see: the Atom feed, the pages, the newsletter."""
