"""Units of work: which are due, and how one is done, by threads of one machine or by workers on many."""
