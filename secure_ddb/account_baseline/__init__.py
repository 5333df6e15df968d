"""What tables rely on in their account and Region: made by a construct, or checked by a command (DET-10)."""
