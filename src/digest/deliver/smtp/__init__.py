"""The SMTP conversation, step by step (RFC 5321), so that every loss has a side: before the dot, or after it."""

from digest.deliver.smtp.blocking import BlockingSmtp
from digest.deliver.smtp.client import Smtp
from digest.deliver.smtp.relay import Relay, relay

__all__ = ["BlockingSmtp", "Relay", "Smtp", "relay"]
