"""The parts of ``collect``: lanes side by side, one source gathered in each, many stored in one transaction."""
