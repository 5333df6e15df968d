"""The customer managed key of a table (ENC-1, ENC-2)."""
