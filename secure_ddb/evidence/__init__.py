"""Evidence for security: what was judged, which controls that serves, and what a person must still show."""
