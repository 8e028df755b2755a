"""What keeps an installation well: telling whoever is needed, a sign of life, forgetting what is old."""
