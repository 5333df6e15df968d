"""Interface endpoints for DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.network.endpoint import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_ANYWHERE = {"0.0.0.0/0", "::/0"}
_HTTPS = ("443", "443")


@Rule(
    id="SecureDdb-NET12",
    title="Interface endpoints for DynamoDB allow only HTTPS from listed networks",
    problem="An interface endpoint for DynamoDB allows more than HTTPS from listed networks",
    severity=Severity.MEDIUM,
    requirements=("NET-6",),
    controls=("CS-6", "CS-7", "PR.AC-5", "PR.PT-4", "PCI DSS v4.0.1/1.3.1", *nist("AC-4", "SC-7")),
    rationale=(
        "Any network that reaches the VPC can reach an interface endpoint unless its security group prevents it. "
        "Without a security group of its own, the endpoint uses the VPC's default security group."
    ),
    remedy="Give the endpoint a security group that allows TCP port 443 from the networks of its callers.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
)
def interface_security_groups(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the traffic that each interface endpoint's security groups admit. All their rules count together."""
    for endpoint in dynamodb_endpoints(assembly):
        if endpoint.properties.get("VpcEndpointType") != "Interface":
            continue
        groups = as_list(endpoint.properties.get("SecurityGroupIds"))
        found = [_admits_https_only(assembly, endpoint, group) for group in groups]
        if not found:
            found = [(False, "it has the default security group of its VPC")]
        answer = all_of(*(each for each, _ in found))
        detail = next(detail for each, detail in found if each is answer)
        yield judged(endpoint, "Properties.SecurityGroupIds", answer, detail)


def _admits_https_only(assembly: Assembly, endpoint: Resource, group: Any) -> tuple[Truth, str]:  # noqa: ANN401 - a value of a template
    found = assembly.find(group, endpoint, kinds.SECURITY_GROUP)
    if found is None:
        return None, "a security group is not in the app"
    named = [each.properties for each in assembly.network.admitted_by[str(group)]]
    admitted = [*as_list(found.properties.get("SecurityGroupIngress")), *named]
    answers = [_is_https(each) for each in admitted]
    answer = all_of(*answers)
    if answer:
        return True, f"{found.logical_id} allows only HTTPS from listed networks"
    odd = next(each for each, good in zip(admitted, answers, strict=True) if good is answer)
    if answer is None:
        return None, f"the ingress rules of {found.logical_id} are known only at deployment"
    return False, f"{found.logical_id} allows {_words(odd)}"


def _is_https(admitted: Any) -> Truth:  # noqa: ANN401 - a value of a template
    if not isinstance(admitted, dict):
        return None
    protocol, first, last = (admitted.get(name) for name in ("IpProtocol", "FromPort", "ToPort"))
    sources = [admitted.get(name) for name in ("CidrIp", "CidrIpv6")]
    if _ANYWHERE & {each for each in sources if isinstance(each, str)}:
        return False
    if any(map(is_unknown, (protocol, first, last, *sources))):
        return None
    return str(protocol).lower() in {"tcp", "6"} and (str(first), str(last)) == _HTTPS


def _words(admitted: dict[str, Any]) -> str:
    source = next(
        (admitted[name] for name in ("CidrIp", "CidrIpv6") if admitted.get(name)),
        "another security group or prefix list",
    )
    ports = "-".join(dict.fromkeys(shown(admitted.get(name, "all")) for name in ("FromPort", "ToPort")))
    return f"protocol {shown(admitted.get('IpProtocol', 'unknown'))}, port {ports}, from {shown(source)}"
