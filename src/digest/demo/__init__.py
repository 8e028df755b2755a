"""A sample blog, a sample video channel and a sample inbox, all on loopback.

``site.serve`` publishes the samples over HTTP, ``inbox.Inbox`` receives mail over SMTP and shows it in a
browser. Both are what ``digest demo`` runs on, and the real servers that the tests talk to.
"""
