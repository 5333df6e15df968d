"""The command `secure-ddb`. It does not load the AWS CDK: an auditor's machine need not have Node."""
