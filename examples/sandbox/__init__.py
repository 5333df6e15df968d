"""Tries a table in an AWS account of yours: `python -m examples.sandbox`. It has never been run against AWS."""
