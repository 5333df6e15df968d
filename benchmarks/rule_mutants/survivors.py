"""Mutants that no rule finds: a pattern of their names, and why. They count against the score.

A survivor without a reason fails the program, and so does a reason without a survivor.
"""

from __future__ import annotations

_KEY = r"\S+ AWS::KMS::Key "
_TABLE = r"\S+ AWS::DynamoDB::GlobalTable "
_GRANT = r"narrow_grants/\w+ AWS::IAM::ManagedPolicy PolicyDocument\.Statement\."

SURVIVORS = {
    r"\S+ AWS::CloudWatch::Alarm Metrics\.getRecords(\.MetricStat\b.*)?: .*": (
        "MON2 asks for operations on items; a reader of the stream that fails lags behind, which has an alarm"
    ),
    rf"{_KEY}.*\.(Use|Grant|KeepFailed)\w+\.Principal: everybody": (
        "as in the policies of AWS's own keys: whoever of this account reaches the data through the service may use "
        "the key, without a permission on the key"
    ),
    r"\S+ AWS::IAM::(Role|ManagedPolicy) Path: property removed": (
        "guardrails know what serves a table by it; no rule asks for guardrails"
    ),
    rf"{_KEY}RotationPeriodInDays 2560: weaker value": (
        "ENC-1 leaves the period open up to 2560 days, except for restricted data"
    ),
    r"app/SharedNetwork/SessionsAuditFunction \S+ .*\.KEYS plain: weaker value": "internal data may show its keys",
    r"\S+ AWS::Lambda::Function Handler other\.handler: weaker value": (
        "what another program does, no template shows; a rule that doubted it would doubt every function but ours"
    ),
    r"\S+ AWS::Lambda::Function Environment\.Variables\.STREAMS: .*": (
        "the function refuses every record then, and an alarm rings"
    ),
    r"\S+ AWS::Backup::BackupPlan .*\.Monthly(: item removed|\.ScheduleExpression .*: weaker value)": (
        "weekly copies are enough for the classification; only restricted data has to have every rule"
    ),
    r"\S+ AWS::Lambda::Version FunctionName: somebody else's": "Lambda refuses an alias of another function's version",
    r"\S+ AWS::Lambda::EventSourceMapping MaximumRecordAgeInSeconds 60: weaker value": (
        "the least that Lambda takes; what is given up is kept, and an alarm rings"
    ),
    r"\S+ AWS::EC2::VPCEndpoint( RouteTableIds\b.*removed|: resource removed)": (
        "subnets lose their way to DynamoDB; which ones need one, no template shows"
    ),
    rf"{_GRANT}Allow dynamodb:\w+\.Condition: all conditions removed": (
        "it is an ordinary grant then; that it was meant to be a narrow one, the template does not say"
    ),
    rf"{_GRANT}Allow dynamodb:\w+\.Condition Null\.dynamodb:Attributes: condition removed": (
        "AWS's own examples go without it"
    ),
    r"narrow_grants/OperatorPolicy .*\.Deny dynamodb:BatchGetItem\.Effect: Deny turned to Allow": (
        "an ordinary grant of named actions on a named table, to a role that manages the table with MFA"
    ),
    r"narrow_grants/OrdersTable .*\.GlobalSecondaryIndexes\.\S+\.ContributorInsightsSpecification(\.Enabled)?: .*": (
        "MON-2 asks for them on the table; an index has its alarms on throttling"
    ),
    r"\S*(bring_your_own|BringYourOwn)/\w+ AWS::IAM::ManagedPolicy .*TableKey: statement removed": (
        "the key's own policy may name the role, and the key is elsewhere"
    ),
    r"\S*(bring_your_own|BringYourOwn)/\w+ AWS::IAM::ManagedPolicy .*\.DecryptStream\w+: statement removed": (
        "as for the backup's role"
    ),
    rf"{_TABLE}.*\.Deny\w+\.Condition\.\w+\.aws:(Principal(Account|Arn|OrgID)|SourceVpce): one more exempted": (
        "whether another account, network or role is one of the company's, no template shows"
    ),
    r"\S+ AWS::CloudTrail::Trail AdvancedEventSelectors\.Stream\b.*": (
        "AUD-2 asks who reads the table's items; that reads of its stream are recorded as well is more than it asks for"
    ),
    r"\S+ AWS::CloudTrail::Trail AdvancedEventSelectors\.Items\.\S+\.resources\.ARN\.StartsWith\b.*": (
        "which resource CloudTrail names for a request to an index, AWS does not say"
    ),
    r"\S+ArchiveErrorLog AWS::Logs::LogGroup .*": (
        "it says why lines were late, not what was changed; an alarm rings within the hour"
    ),
    r"app/SharedNetwork/Network(FlowLog\w*|Traffic|WriteFlowLog) .*": (
        "no rule looks at flow logs, which are a matter of the VPC; cdk-nag's AwsSolutions-VPC7 asks for them"
    ),
    r"\S+gress(100 AWS::EC2::NetworkAclEntry(: resource removed|.* allow: .*)|200 .* Protocol -1: weaker value)": (
        "what else zones may say to each other and to the rest of the world, no template shows"
    ),
    r"app/SharedNetwork/NetworkIsolatedZone\w* .*: resource removed": (
        "NET-5 for subnets that reach no table is a matter of the VPC, and a person shows it"
    ),
}
