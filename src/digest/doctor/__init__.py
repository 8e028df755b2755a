"""What an operator should know before the first mail leaves: each thing looked at, what was found, what to do."""
