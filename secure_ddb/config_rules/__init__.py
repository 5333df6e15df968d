"""AWS Config rules on tables, and the same controls as a CloudFormation Hook (DET-4)."""
