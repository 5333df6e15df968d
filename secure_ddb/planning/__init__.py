"""Finds before a deployment which resources CloudFormation would replace, refuse or lose, without the AWS CDK."""
