"""Lists of subscribers as files: ours, and those that Mailchimp, listmonk and Ghost export.

Bytes → rows, each with its line, beside what could not be read and why. One value for all formats (``rows.Row``), and
a format is a table of names (``formats.Format``): which columns say what, and what their words mean.
"""
