"""Alarms, and the topics that carry them."""
