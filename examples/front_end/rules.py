"""The company's rules on what stands in front of its tables: names, web ACLs and their logs of REST APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples.front_end.firewall import MANAGED_RULES
from secure_ddb.rules import Rule, Severity, as_list, at, is_unknown, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules import Assembly, Judgement

API, STAGE, NAME = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::ApiGateway::DomainName"
CERTIFICATE = "AWS::CertificateManager::Certificate"
WEB_ACL, ASSOCIATION, LOGGING = (
    f"AWS::WAFv2::{name}" for name in ("WebACL", "WebACLAssociation", "LoggingConfiguration")
)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
_OLD_TLS = (None, "TLS_1_0")


@Rule(
    id="FRONT1",
    title="The API is reached by its own name only",
    problem="The API is also reached by API Gateway's name for it",
    severity=Severity.HIGH,
    rationale="API Gateway's name has no mutual TLS and a certificate of Amazon's.",
    remedy="RestApi(..., disable_execute_api_endpoint=True)",
    requirements=("EDGE-2",),
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html",
)
def own_name_only(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the endpoint of each API."""
    for api in assembly.of_type(API):
        off = api.properties.get("DisableExecuteApiEndpoint")
        yield judged_value(api, "Properties.DisableExecuteApiEndpoint", off, good=str(off).lower() == "true")


@Rule(
    id="FRONT2",
    title="The name has mutual TLS 1.2 or newer and a certificate of the company's authority",
    problem="The name does without mutual TLS, TLS 1.2 or a certificate of the company's authority",
    severity=Severity.HIGH,
    rationale="Callers and API show each other certificates that the company issued.",
    remedy="DomainName(..., certificate=PrivateCertificate(...), mtls=MTLSConfig(...), security_policy=TLS_1_2)",
    requirements=("ENC-6", "EDGE-2"),
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html",
)
def company_certificate(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy, truststore and certificate of each name."""
    private = {each.ref for each in assembly.of_type(CERTIFICATE) if each.properties.get("CertificateAuthorityArn")}
    declared = {each.ref for each in assembly.of_type(CERTIFICATE)}
    for name in assembly.of_type(NAME):
        policy = name.properties.get("SecurityPolicy")
        yield judged_value(name, "Properties.SecurityPolicy", policy, good=policy not in _OLD_TLS, key="TLS")
        store = at(name.properties, "MutualTlsAuthentication", "TruststoreUri")
        place = "Properties.MutualTlsAuthentication.TruststoreUri"
        yield judged(name, place, answer=bool(store), detail=f"truststore: {store}", key="Callers")
        arn = name.properties.get("RegionalCertificateArn") or name.properties.get("CertificateArn")
        # Who issued a certificate of elsewhere cannot be seen.
        answer = arn in private if arn is None or arn in declared else None
        yield judged(name, "Properties.RegionalCertificateArn", answer, f"certificate: {arn}", key="Certificate")


@Rule(
    id="FRONT3",
    title="A web ACL is in front of the stage",
    problem="No web ACL is in front of the stage",
    severity=Severity.HIGH,
    rationale="Attacks reach the application.",
    remedy="CfnWebACLAssociation(..., resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn)",
    requirements=("EDGE-1",),
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",
)
def web_acl_in_front(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the association of each stage."""
    arns = [str(each.properties.get("ResourceArn")) for each in assembly.of_type(ASSOCIATION)]
    for stage in assembly.of_type(STAGE):
        api = stage.properties.get("RestApiId")
        ends = tuple(f"/restapis/{api}/stages/{name}" for name in (stage.ref, stage.properties.get("StageName")))
        found = any(arn.endswith(ends) for arn in arns)
        # An ARN that is a parameter may be that of this stage.
        unclear = any(is_unknown(arn) and "/stages/" not in arn for arn in arns)
        yield judged(stage, "Properties", True if found else None if unclear else False, f"associations: {len(arns)}")


@Rule(
    id="FRONT4",
    title="The web ACL blocks what the company wants blocked",
    problem="The web ACL lets pass what the company wants blocked",
    severity=Severity.HIGH,
    rationale="A missing or count-only rule blocks nothing.",
    remedy="See examples/front_end/firewall.py",
    requirements=("EDGE-1", "EDGE-2"),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html",
)
def web_acl_blocks(assembly: Assembly) -> Iterator[Judgement]:
    """Look for AWS's groups, a limit for each address, and a restriction of countries."""
    for acl in assembly.of_type(WEB_ACL):
        rules = [rule for rule in as_list(acl.properties.get("Rules")) if isinstance(rule, dict)]
        blocking = set(filter(None, map(_blocked, rules)))
        missing = sorted({*MANAGED_RULES, "rate", "countries"} - blocking)
        # A missing rule cannot be detected among rules known only at deployment.
        unclear = missing and is_unknown(acl.properties.get("Rules"))
        yield judged(
            acl, "Properties.Rules", None if unclear else not missing, f"not blocked: {', '.join(missing) or 'nothing'}"
        )


def _blocked(rule: dict[str, Any]) -> str:
    """Return the kind of a blocking rule: a managed rule group, `rate` or `countries`; otherwise empty."""
    statement = rule.get("Statement")
    group = at(statement, "ManagedRuleGroupStatement", "Name")
    if group:
        excluded = at(statement, "ManagedRuleGroupStatement", "RuleActionOverrides")
        return str(group) if at(rule, "OverrideAction", "None") is not None and not excluded else ""
    if at(rule, "Action", "Block") is None:
        return ""
    if at(statement, "RateBasedStatement"):
        return "rate"
    countries = at(statement, "NotStatement", "Statement", "GeoMatchStatement") or at(statement, "GeoMatchStatement")
    return "countries" if countries else ""


@Rule(
    id="FRONT5",
    title="The web ACL is logged, without paths and samples of requests",
    problem="The web ACL is not logged, or its log or samples hold paths",
    severity=Severity.MEDIUM,
    rationale="Paths hold ids of customers, and redaction does not reach samples.",
    remedy="CfnLoggingConfiguration(..., redacted_fields=[uri_path]), sampled_requests_enabled=False",
    requirements=("EDGE-1",),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/logging.html",
)
def logged_without_paths(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the log and the samples of each web ACL."""
    logs = {each.properties.get("ResourceArn"): each for each in assembly.of_type(LOGGING)}
    for acl in assembly.of_type(WEB_ACL):
        log = logs.get(acl.attribute("Arn"))
        redacted = as_list(log.properties.get("RedactedFields")) if log else []
        paths = any(at(field, "UriPath") is not None for field in redacted)
        yield judged(acl, "Properties", paths, f"logged: {log is not None}, paths redacted: {paths}", key="Log")
        shown = [acl.properties, *as_list(acl.properties.get("Rules"))]
        sampled = [at(each, "VisibilityConfig", "SampledRequestsEnabled") for each in shown]
        answer = None if is_unknown(sampled) else all(str(each).lower() == "false" for each in sampled)
        yield judged(acl, "Properties.VisibilityConfig", answer, f"sampled: {sampled}", key="Samples")
