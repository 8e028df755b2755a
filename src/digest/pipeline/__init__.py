"""The verbs: collect · draft · approve · publish · send. No verb calls another; all can be run again."""
