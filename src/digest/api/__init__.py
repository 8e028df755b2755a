"""What programs and the API tell each other: tokens, limits, keys, cursors, and the shapes of JSON. Pure; ``web.api`` serves it."""
