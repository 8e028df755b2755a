"""Where editors see, change, approve and send: pages for a browser, all of them usable without a script."""
