"""Rules over synthesized templates. Nothing here but `plugin` needs the AWS CDK or Node."""
