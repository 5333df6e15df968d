"""Runbooks that take a table out of use during an incident, and give it back as it was (IR-1)."""
