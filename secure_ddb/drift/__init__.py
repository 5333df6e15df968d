"""Drift of stacks: found on a schedule, reported to the topic (DET-5)."""
