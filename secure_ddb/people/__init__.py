"""People: auditors, federated roles, published names, and findings of access from outside."""
