"""Writes the audit trail of a table (AUD-1): all that is deployed to AWS Lambda.

`index` is what Lambda runs. The rest has no input and no output: from records, settings and the link before it makes
text. It needs the standard library only, and little of that, because every execution environment loads it anew: even
`typing` would add a sixth to the time, so each file says for itself that `TYPE_CHECKING` is false.
"""
