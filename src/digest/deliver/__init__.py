"""A rendering × subscribers → inboxes: messages, the ledger's rules, and the ways out of the machine."""
