"""From a draft to what is published: approve, publish, correct, redact, prove."""
