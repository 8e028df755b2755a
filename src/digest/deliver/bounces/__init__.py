"""Mail that came back → what it means: delivery reports, complaints, replies of machines, people who want to leave.

Pure: bytes in, values out. Whether a report speaks of a mail of ours at all is for ``matching`` to prove.
"""
