"""Explains before a deployment what CloudFormation would replace, refuse or lose, without the AWS CDK."""
