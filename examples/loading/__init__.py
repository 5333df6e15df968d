"""Loading a table from JSON or CSV, from files or from exports in Amazon S3."""
