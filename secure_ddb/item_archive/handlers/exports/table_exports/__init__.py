"""Exports tables to Amazon S3. AWS Lambda runs it each hour; nothing but boto3 is there."""
