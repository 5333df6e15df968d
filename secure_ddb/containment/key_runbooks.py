"""Makes the runbooks for the keys of tables (IR-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack

from secure_ddb.containment.documents import DIMENSION
from secure_ddb.containment.keys import METRIC, contain_document, denials, key_statements, release_document
from secure_ddb.containment.runbooks import make_alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import CfnAlarm
    from aws_cdk.aws_iam import Role

    from secure_ddb.containment.runbooks import Runbooks
    from secure_ddb.table import SecureTable


def make_key_runbooks(
    runbooks: Runbooks, role: Role, *, tables: Sequence[SecureTable], responders: Sequence[str]
) -> list[CfnAlarm]:
    """Make the documents, the permissions of the role that they run as, and an alarm for each table."""
    environment, scope = runbooks.context.environment, runbooks.context.scope
    keys = {table.table_name: table.encryption_key.key_arn for table in tables}
    by_id = {table.encryption_key.key_id: table.encryption_key.key_arn for table in tables}
    statements = key_statements(environment, keys=by_id, bucket_arn=runbooks.bucket_arn, key_arn=runbooks.key_arn)
    runbooks.let(role, "KeyAutomationPolicy", "Lets runbooks change the policies of tables' keys", statements, {})
    text = Stack.of(scope).to_json_string(denials(responders, role.role_arn, environment))
    runbooks.make_document("ContainKey", contain_document(keys, role.role_arn, runbooks.bucket, text))
    runbooks.make_document("ReleaseKey", release_document(keys, role.role_arn, runbooks.bucket))
    return [
        make_alarm(
            scope,
            f"KeyContained{number}",
            metric=METRIC,
            dimensions={DIMENSION: table.table_name},
            topic_arn=table.alarm_topic.topic_arn,
            description="Only responders and services can use the table's key.",
        )
        for number, table in enumerate(tables, start=1)
    ]
