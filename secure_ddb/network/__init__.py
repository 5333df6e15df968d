"""Gateway endpoints for DynamoDB: principals, tables and subnets that may use them (NET-1, NET-2, NET-3)."""
