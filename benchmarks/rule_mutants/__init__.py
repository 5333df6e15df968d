"""How good the rules are: each reference template is weakened at every point, and the rules have to find it.

Run it with `make mutants` or `python -m benchmarks.rule_mutants`.
"""
