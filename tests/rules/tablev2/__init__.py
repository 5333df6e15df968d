"""What the README of CDK's `aws_dynamodb` shows of `TableV2`, feature by feature."""

from tests.rules.tablev2 import access, indexes, replicas, settings

EXAMPLES = {**settings.EXAMPLES, **replicas.EXAMPLES, **indexes.EXAMPLES, **access.EXAMPLES}
