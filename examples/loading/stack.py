"""The stack of a table that is rebuilt from exports of another one, and the role of the pipeline that loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, WebIdentityPrincipal

from secure_ddb import Ownership, SecureTable, SharedResources, TableExports

if TYPE_CHECKING:
    from constructs import Construct

OWNERSHIP = Ownership(owner="catalog@example.com", cost_center="CC-1042", application="catalog", environment="prod")
# Of the grants, BatchGetItem, BatchWriteItem and DescribeTable remain.
_NEVER_NEEDED = [
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
]


class LoadingStack(Stack):
    """A table with exports, a table with another key that is loaded from them, and the role that loads it."""

    def __init__(self, scope: Construct, id: str, *, issuer: str, subject: str, **stack_properties: Any) -> None:
        """Make the tables, the exports and the role.

        Args:
            scope: The app.
            id: Of the stack.
            issuer: Host of the identity provider of the CI system, which the account knows already.
            subject: The pipeline that may take the role: the `sub` of the token that its CI system signs.
            stack_properties: Of the stack.
        """
        super().__init__(scope, id, **stack_properties)
        shared = SharedResources(self, "Shared", ownership=OWNERSHIP)
        product, category = (Attribute(name=name, type=AttributeType.STRING) for name in ("product", "category"))
        products = SecureTable(self, "Products", partition_key=product, ownership=OWNERSHIP, shared_resources=shared)
        # The key of a table cannot change, so its items move to another one.
        self.by_category = SecureTable(
            self,
            "ByCategory",
            partition_key=category,
            sort_key=product,
            ownership=OWNERSHIP,
            shared_resources=shared,
        )
        loader = self._loader(issuer, subject)
        exports = TableExports(
            self,
            "Exports",
            tables={"products": products},
            retention=Duration.days(30),
            readers=[loader],
            ownership=OWNERSHIP,
        )
        CfnOutput(self, "TableName", value=self.by_category.table_name)
        CfnOutput(self, "ExportsBucket", value=exports.bucket.bucket_name)

    def _loader(self, issuer: str, subject: str) -> Role:
        provider = f"arn:aws:iam::{self.account}:oidc-provider/{issuer}"
        claims = {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}
        role = Role(self, "Loader", assumed_by=WebIdentityPrincipal(provider, {"StringEquals": claims}))
        policy = ManagedPolicy(self, "LoaderPolicy", roles=[role], description="Loads the table by category")
        self.by_category.grant_read_write_data(policy)
        self.by_category.grant_describe(policy)
        policy.add_statements(
            PolicyStatement(
                sid="DenyWhatIsNeverNeeded",
                effect=Effect.DENY,
                actions=_NEVER_NEEDED,
                resources=[self.by_category.table_arn],
            )
        )
        return role
