"""Encrypts, signs and finds items; needs boto3 and the AWS Encryption SDK, and nothing of AWS CDK."""
