"""Runs the rules on templates and applies waivers. Only `plugin` needs the AWS CDK and Node."""
