"""Where mail comes in: from a mail server next door (LMTP), from a mailbox (IMAP), from files.

Each hands one mail after the other to a function, and leaves it where it was until that function has done its work.
"""
