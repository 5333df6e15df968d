"""People: auditors, federated roles, and findings of access from outside."""
