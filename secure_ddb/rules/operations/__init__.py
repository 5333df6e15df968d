"""Tags, and what is not approved."""
