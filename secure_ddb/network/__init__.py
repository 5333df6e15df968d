"""Gateway endpoints for DynamoDB: who passes, to which tables, from which subnets (NET-1, NET-2, NET-3)."""
