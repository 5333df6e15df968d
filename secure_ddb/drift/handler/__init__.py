"""The code that AWS Lambda runs."""
