"""``/api/v1``: the verbs of the command line and of the desk as JSON, for programs with a token."""
