"""The page for people: one file that needs nothing else."""

from secure_ddb.evidence.page.render import page

__all__ = ["page"]
