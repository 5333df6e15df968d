"""A game day: triggers every detection in a sandbox account, and records which of them was reported (IR-8)."""
