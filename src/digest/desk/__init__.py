"""Where editors work: what they may do, and what they are shown first. Pure; ``web.desk`` has the pages."""
