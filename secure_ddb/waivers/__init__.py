"""Waivers, and the findings that this library accepts by design."""
