"""Reads CloudFormation templates: values, conditions and references, without the AWS CDK."""
