"""Account services that tables rely on in their Region: set up by a construct, or checked by a command (DET-10)."""
