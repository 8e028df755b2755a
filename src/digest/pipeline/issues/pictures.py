"""What ``draft`` and ``approve`` add to an issue: the stills of its videos, from our own host."""

from __future__ import annotations

from digest.model import IssueDocument
from digest.pipeline.installation import Installation
from digest.publish import pictures


def illustrated(
    installation: Installation, document: IssueDocument, earlier: IssueDocument | None = None
) -> IssueDocument:
    """The issue with a picture for each video whose still can be had; what it has already is not fetched again.

    It asks other hosts, for a minute at most: call it outside a transaction. A failure costs its picture and nothing
    else; the next call tries again.

    Args:
        installation: whose gallery keeps them.
        document: the issue.
        earlier: an issue whose pictures may be taken, such as the draft before this one.
    """
    if earlier is not None:
        document = pictures.illustrated(document, pictures.known(earlier))
    missing = pictures.missing(document)
    return pictures.illustrated(document, installation.gallery.fetched(missing)) if missing else document
