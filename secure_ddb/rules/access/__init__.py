"""Permissions on tables and what serves them."""
