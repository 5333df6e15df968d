"""An API in front of a table: AWS WAF, client certificates, IAM authentication, request validation, access logs."""
