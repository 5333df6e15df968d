"""Copies of items in Amazon S3, write-once: exports on a schedule, and items that expired."""
