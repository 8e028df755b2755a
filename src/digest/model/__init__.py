"""The vocabulary: what flows through the pipeline, as frozen values.

Four hops, bytes → Post → Issue → Message (docs/architecture.md). Every stage takes and returns these
values; dicts end at the parsers and at the rows of the store. All datetimes are aware and in UTC.
"""

from __future__ import annotations

from digest.model.deliveries import (
    Delivery,
    DeliveryState,
    Message,
    Send,
    SendState,
    Subscription,
    SubscriptionState,
)
from digest.model.editors import (
    Rule,
    RuleKind,
    Theme,
)
from digest.model.issues import (
    Approval,
    Edit,
    Group,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    ListedPost,
    Note,
    Pick,
    PickLink,
    PickQuote,
    PickVideo,
    Picture,
    Rendering,
    Settlement,
    Version,
)
from digest.model.readings import (
    SPAN_JOINT,
    KeyTheme,
    Quote,
    QuoteOrigin,
    Reading,
    Span,
    ThemeOrigin,
)
from digest.model.redactions import Redaction, RedactionKind
from digest.model.sources import (
    Comments,
    Entry,
    FullText,
    Link,
    Post,
    PostKind,
    Source,
    SourceFeed,
    SourceOwner,
    Video,
)

__all__ = [
    "SPAN_JOINT",
    "Approval",
    "Comments",
    "Delivery",
    "DeliveryState",
    "Edit",
    "Entry",
    "FullText",
    "Group",
    "Issue",
    "IssueDocument",
    "IssueId",
    "IssueState",
    "KeyTheme",
    "Link",
    "ListedPost",
    "Message",
    "Note",
    "Pick",
    "PickLink",
    "PickQuote",
    "PickVideo",
    "Picture",
    "Post",
    "PostKind",
    "Quote",
    "QuoteOrigin",
    "Reading",
    "Redaction",
    "RedactionKind",
    "Rendering",
    "Rule",
    "RuleKind",
    "Send",
    "SendState",
    "Settlement",
    "Source",
    "SourceFeed",
    "SourceOwner",
    "Span",
    "Subscription",
    "SubscriptionState",
    "Theme",
    "ThemeOrigin",
    "Version",
    "Video",
]
