"""Posts → an issue that an editor would sign. Pure: `now`, words and stored texts are arguments."""
