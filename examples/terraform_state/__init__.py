"""A Terraform backend: state in a bucket, locks in a SecureTable, and a role for one pipeline."""
