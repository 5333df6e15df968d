"""Controls around tables that stay declared elsewhere."""
