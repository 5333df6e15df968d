"""What outlives a stack: the Lambda handler that writes the audit trail, and the tools that verify and replay it."""
