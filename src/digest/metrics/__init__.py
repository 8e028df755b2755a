"""Numbers for Prometheus: what each is called, what a process measures itself, and all of them as one text."""
