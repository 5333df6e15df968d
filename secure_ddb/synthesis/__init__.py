"""Synthesizing an app with every check on, and saying what was found. Not loaded by the construct."""

from secure_ddb.synthesis.app import checked_app, synthesize

__all__ = ["checked_app", "synthesize"]
