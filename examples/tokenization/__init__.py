"""A token service: sensitive values in a vault, tokens in their place, and few callers that get a value back."""
