"""Adopts an existing table: reads it, writes a `SecureTable` that keeps it, and lists differences and steps."""
