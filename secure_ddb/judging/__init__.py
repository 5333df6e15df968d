"""Running the rules."""

from secure_ddb.judging.one_template import judge_template

__all__ = ["judge_template"]
