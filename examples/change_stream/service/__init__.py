"""The code of the function."""
