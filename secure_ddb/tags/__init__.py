"""The mandatory tags (OPS-1)."""
