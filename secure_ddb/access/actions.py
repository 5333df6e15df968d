"""Named lists of DynamoDB actions, each with the reason for what it leaves out.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from __future__ import annotations

# Transactions have no actions of their own: each of their parts is authorized as the action it performs.
READ_DATA = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
)
WRITE_DATA = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
# A scan returns every item and carries no dynamodb:LeadingKeys, which all others do.
READ_BY_KEY = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
)
# Of these only a query names an index and carries dynamodb:LeadingKeys.
QUERY_INDEX = ("dynamodb:Query",)
# A condition check takes no list of attributes, and one that fails can return the whole item.
READ_ATTRIBUTES = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
)
# The other writes replace or delete whole items.
WRITE_ATTRIBUTES = ("dynamodb:UpdateItem",)
# PartiQL stays out of the grants, because one statement can read a whole table where a GetItem was meant.
PARTIQL = (
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate",
)
DATA_PLANE = (*READ_DATA, *WRITE_DATA, *PARTIQL)
# A search of a vector index ignores leading keys, attributes and select, so no grant and no endpoint lets it pass.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearch.Security.html
SEARCH_VECTORS = ("dynamodb:SearchVectors",)

# Exporting and restoring are management by name, but hand out every item, so no endpoint lets them pass.
EXPORT = "dynamodb:ExportTableToPointInTime"
COPY_OF_ALL_ITEMS = (
    EXPORT,
    "dynamodb:RestoreTableToPointInTime",
)
# A backup keeps every item, and restoring it names no table whose policy could deny it. AWS Backup's
# StartAwsBackupJob is missing, because AWS does not list it for the policies of tables.
BACK_UP = ("dynamodb:CreateBackup",)
# CreateTable and ListTables are missing, because at that time there is no registered table to name.
CONTROL_PLANE = (
    "dynamodb:CreateBackup",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTableReplicaAutoScaling",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
    "dynamodb:PutResourcePolicy",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateContributorInsights",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTableReplicaAutoScaling",
    "dynamodb:UpdateTimeToLive",
)

# The two that also work on an index, for which they have to name it.
ON_INDEX = (
    "dynamodb:DescribeContributorInsights",
    "dynamodb:UpdateContributorInsights",
)

# The actions of a table's own policy; DynamoDB refuses stream actions there, because a stream has its own policy.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
# That page does not name SearchVectors, and DynamoDB refuses a policy with an action that it does not support there, so
# no table would deploy (docs/not-proven.md).
TABLE_POLICY = (*DATA_PLANE, *CONTROL_PLANE, *COPY_OF_ALL_ITEMS)

# The actions of a stream's own policy, of the same list: `ListStreams` names no stream.
STREAM_POLICY = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
)
READ_STREAM = (*STREAM_POLICY, "dynamodb:ListStreams")
