"""The REST API: who may call it, what it accepts, how fast, and its access log."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk.aws_apigateway import (
    AccessLogFormat,
    AuthorizationType,
    EndpointConfiguration,
    EndpointType,
    Integration,
    IntegrationOptions,
    IntegrationType,
    JsonSchema,
    JsonSchemaType,
    LogGroupLogDestination,
    MethodLoggingLevel,
    Model,
    RequestValidator,
    ResponseType,
    RestApi,
    StageOptions,
)
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_iam import AnyPrincipal, ArnPrincipal, Effect, PolicyDocument, PolicyStatement
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from examples.front_end.service.contacts import FIELDS
from examples.function_access import deny_invocation
from secure_ddb import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_kms import IKey
    from aws_cdk.aws_lambda import Function

    from examples.front_end.settings import FrontEndSettings

STAGE = "prod"
APPROVED_BY, _UNTIL = "SEC-170", date(2027, 12, 31)
# Neither paths, which hold ids of customers, nor queries, headers or bodies.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
ACCESS_LOG = {
    "request": "$context.requestId",
    "time": "$context.requestTime",
    "caller": "$context.identity.userArn",
    "certificate": "$context.identity.clientCert.serialNumber",
    "address": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "web_acl_status": "$context.waf.status",
    "error": "$context.error.responseType",
    "milliseconds": "$context.responseLatency",
}


_LOGS_POLICY = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


def _waived(reason: str) -> Waiver:
    return Waiver(reason=reason, approved_by=APPROVED_BY, expires=_UNTIL)


_NO_CACHE = _waived("Contacts are personal data. A cache would hold copies of them outside of the table.")
_NO_TRACING = _waived("Traces hold the URL, which has the id of a customer. The access log has the latency.")
_NO_BACKEND_CERTIFICATE = _waived("The backend is a Lambda function, whose policy denies all but this API.")
_IAM_NOT_COGNITO = _waived("Callers are roles of the company, which IAM authenticates. A user pool would be accounts.")
_POLICY_OF_AWS = _waived("The role is API Gateway's own, and the policy is the one that AWS documents for it.")


class ContactApi(Construct):
    """The API of contacts, which has no name yet: its own endpoint is off.

    Attributes:
        api: The REST API.
    """

    def __init__(
        self, scope: Construct, id: str, *, function: Function, settings: FrontEndSettings, log_key: IKey
    ) -> None:
        """Make the API with one resource, a contact, that is read and written."""
        super().__init__(scope, id)
        self._key = log_key
        access_log = self._log("AccessLog")
        self.api = RestApi(
            self,
            "Api",
            # Its metrics have it as a dimension, so it must not be another API's.
            rest_api_name=f"{Stack.of(self).stack_name}-contacts",
            description="Contacts of customers",
            endpoint_configuration=EndpointConfiguration(types=[EndpointType.REGIONAL]),
            disable_execute_api_endpoint=True,
            policy=_policy(settings.callers),
            cloud_watch_role=not settings.has_logging_role,
            deploy_options=StageOptions(
                stage_name=STAGE,
                access_log_destination=LogGroupLogDestination(access_log),
                access_log_format=AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
                logging_level=MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                throttling_rate_limit=settings.requests_per_second,
                throttling_burst_limit=2 * settings.requests_per_second,
            ),
        )
        # API Gateway writes to a group of this name, and would make one without a key that is kept for ever.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
        execution_log = self._log("ExecutionLog", f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{STAGE}")
        self.api.deployment_stage.node.add_dependency(execution_log)
        self._methods(function)
        self._name_fields_in_errors()
        self._acknowledge()
        CfnOutput(self, "InvokeArn", value=self.api.arn_for_execute_api("*", "/customers/*/contact", STAGE))

    def _log(self, id: str, name: str | None = None) -> LogGroup:
        return LogGroup(
            self,
            id,
            log_group_name=name,
            encryption_key=self._key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _methods(self, function: Function) -> None:
        contact = self.api.root.add_resource("customers").add_resource("{customer}").add_resource("contact")
        backend = self._backend(function)
        validator = RequestValidator(
            self, "Validator", rest_api=self.api, validate_request_body=True, validate_request_parameters=True
        )
        parameters = {"method.request.path.customer": True}
        model = self._model()
        # `$default` is for all other content types, of which bodies would not be validated.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
        of_put = {"application/json": model, "$default": model}
        for method, models in (("GET", None), ("PUT", of_put)):
            contact.add_method(
                method,
                backend,
                authorization_type=AuthorizationType.IAM,
                request_parameters=parameters,
                request_validator=validator,
                request_models=models,
            )

    def _backend(self, function: Function) -> Integration:
        """Return the function as backend, which lets in requests for the methods of this stage, and nothing else.

        CDK's own integration would make permissions, which keep no role of the account out.
        """
        stack = Stack.of(self)
        methods = [self.api.arn_for_execute_api(method, "/customers/*/contact", STAGE) for method in ("GET", "PUT")]
        allow = {
            "Sid": "AllowApi",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function.function_arn,
            "Condition": {"ArnLike": {"aws:SourceArn": methods}, "StringEquals": {"aws:SourceAccount": stack.account}},
        }
        # Requests of roles have no such key, so they are denied as well.
        deny_invocation(function, {"ArnNotLike": {"aws:SourceArn": methods}}, allow)
        # https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
        uri = (
            f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/2015-03-31/functions/{function.function_arn}"
        )
        return Integration(
            type=IntegrationType.AWS_PROXY,
            integration_http_method="POST",
            uri=f"{uri}/invocations",
            options=IntegrationOptions(),
        )

    def watch(self, topic_arn: str) -> None:
        """Raise alarms when the API fails, and when it refuses much: requests of customers that are tried out, say.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
        """
        for metric, threshold, meaning in (
            ("5XXError", 1, "failed to answer: see its execution log, and the function's alarms"),
            ("4XXError", 300, "has refused 300 requests in five minutes: its access log says whose, and why"),
        ):
            CfnAlarm(
                self,
                f"Alarm{metric}",
                alarm_description=f"The API of contacts {meaning}.",
                namespace="AWS/ApiGateway",
                metric_name=metric,
                dimensions=[
                    CfnAlarm.DimensionProperty(name="ApiName", value=self.api.rest_api_name),
                    CfnAlarm.DimensionProperty(name="Stage", value=STAGE),
                ],
                statistic="Sum",
                period=300,
                evaluation_periods=1,
                threshold=threshold,
                comparison_operator="GreaterThanOrEqualToThreshold",
                treat_missing_data="notBreaching",
                alarm_actions=[topic_arn],
            )

    def _model(self) -> Model:
        # What API Gateway says of a wrong value does not name its field, of missing and unknown fields it does. So it
        # judges the fields, and the function the values.
        schema = JsonSchema(
            type=JsonSchemaType.OBJECT,
            properties={name: JsonSchema() for name in FIELDS},
            required=[name for name, form in FIELDS.items() if not form.is_optional],
            additional_properties=False,
        )
        return Model(self, "Contact", rest_api=self.api, content_type="application/json", schema=schema)

    def _name_fields_in_errors(self) -> None:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
        for name, kind, place, detail in (
            ("WrongBody", ResponseType.BAD_REQUEST_BODY, "body", "validationErrorString"),
            ("WrongParameters", ResponseType.BAD_REQUEST_PARAMETERS, "path", "message"),
        ):
            body = {"error": {"field": place, "message": f"$context.error.{detail}"}}
            self.api.add_gateway_response(
                name, type=kind, status_code="400", templates={"application/json": json.dumps(body)}
            )

    def _acknowledge(self) -> None:
        stage = self.api.deployment_stage
        packs = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
        _NO_CACHE.acknowledge(stage, *(f"{pack}::{pack}-APIGWCacheEnabledAndEncrypted" for pack in packs))
        _NO_BACKEND_CERTIFICATE.acknowledge(
            stage, *(f"{pack}::{pack}-APIGWSSLEnabled" for pack in packs if pack != "NIST.800.53.R4")
        )
        _NO_TRACING.acknowledge(
            stage, "HIPAA.Security::HIPAA.Security-APIGWXrayEnabled", "Serverless::Serverless-APIGWXrayEnabled"
        )
        role = self.api.node.try_find_child("CloudWatchRole")
        if role is not None:
            _POLICY_OF_AWS.acknowledge(role, f"AwsSolutions::AwsSolutions-IAM4[Policy::{_LOGS_POLICY}]")
        for method in self.api.methods:
            _IAM_NOT_COGNITO.acknowledge(method, "AwsSolutions::AwsSolutions-COG4")


def _policy(callers: Sequence[str]) -> PolicyDocument:
    """Return the policy of the API: the callers may, and all others are denied, whatever their own policies say."""
    everything = ["execute-api:/*"]
    return PolicyDocument(
        statements=[
            PolicyStatement(
                sid="AllowCallers",
                principals=[ArnPrincipal(arn) for arn in callers],
                actions=["execute-api:Invoke"],
                resources=everything,
            ),
            # Unsigned requests, too, because a negated operator is met if the key is missing.
            PolicyStatement(
                sid="DenyOthers",
                effect=Effect.DENY,
                principals=[AnyPrincipal()],
                actions=["execute-api:Invoke"],
                resources=everything,
                conditions={"ArnNotEquals": {"aws:PrincipalArn": list(callers)}},
            ),
        ]
    )
