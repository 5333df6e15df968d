"""Stacks to start from. `app.py` synthesizes all of them."""
