"""A service that logs for which user it has read which items: its stack and its code."""
