"""All rows of a database, carried to another one or into a backup, and checked row by row."""
