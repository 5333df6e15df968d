"""A small order service: its stack, its code, and the load of its first items."""
