"""What every stage needs to know of untrusted text: characters, languages, links and markup."""
