"""Permissions on tables and the resources that serve them."""
