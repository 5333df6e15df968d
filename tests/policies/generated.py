"""Generated policies and requests, and what of them is hidden from the evaluator of the rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from secure_ddb.iam import evaluation
from secure_ddb.iam.policy import statements
from tests.policies.engine import ACCOUNT, Document, Policies, Request, context_of

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

FOREIGN = "444455556666"
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
ROLE, FOREIGN_ROLE = f"{ROLES}/app/reader", f"arn:aws:iam::{FOREIGN}:role/reader"
# As CloudFormation would make it, with what a template says instead.
TABLE_NAME, MADE_NAME = "Test-Orders-1A2B3C4D5E6F", "${Test.Orders}"
TABLES = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table"
TABLE, KEY = f"{TABLES}/{TABLE_NAME}", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SERVICE = "dynamodb.amazonaws.com"
ALL: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# Keys with the values that requests and conditions give them.
_TEXTS: dict[str, list[str]] = {
    "aws:SourceVpce": ["vpce-1", "vpce-2"],
    "aws:PrincipalOrgID": ["o-exampleorgid", "o-another"],
    "aws:PrincipalTag/Team": ["orders", "Orders", ACCOUNT, "a*"],
}
_TRUTHS = ("aws:SecureTransport", "aws:ViaAWSService", "aws:MultiFactorAuthPresent")
_ADDRESSES = ["203.0.113.7", "198.51.100.1", "2001:db8::1"]
_NUMBER = "aws:MultiFactorAuthAge"
_PRINCIPAL = ("aws:PrincipalArn", "aws:PrincipalAccount")
_LISTS: dict[str, list[str]] = {
    "aws:PrincipalOrgPaths": ["o-exampleorgid/r-1/", "o-another/r-2/"],
    "dynamodb:LeadingKeys": ["alice", "bob", "alicia"],
}
KEYS = (*_TEXTS, *_TRUTHS, _NUMBER, *_PRINCIPAL, *_LISTS, "aws:SourceIp", "aws:ResourceAccount")

_VARIABLES = [
    *("${aws:ResourceAccount}", "${aws:PrincipalAccount}", "${AWS:principalaccount}", "${aws:PrincipalArn}"),
    *("${aws:PrincipalTag/Team}", "${aws:PrincipalTag/Team, 'orders'}", "${aws:SourceVpce}", "${*}", "${$}"),
    *("${aws:PrincipalOrgPaths}", "vpce-${aws:PrincipalTag/Team}", "${aws:SecureTransport}"),
]
_ARNS = [
    *(ROLE, FOREIGN_ROLE, f"{ROLES}/*", f"{ROLES}/app/read?r", f"{ROLES}/*/reader", f"arn:aws:iam::{ACCOUNT}:*"),
    *("arn:aws:iam::*:role/app/*", "arn:*:iam::*:*", "arn:aws:iam:*:role/app/reader", "arn:aws:*:role/app/reader"),
    # Without variables, at whose colons the engine would take an ARN apart.
    "*",
]
_PATTERNS = ["*", "vpce-*", "vpce-?", "o-*", "?rders", "orders*", "*/r-1/", "o-exampleorgid/*", "ali*", "a${*}"]
_PLAIN = [
    *(value for values in (*_TEXTS.values(), *_LISTS.values()) for value in values),
    *("true", "false", "VPCE-1", "", ACCOUNT, FOREIGN),
]
# Without 0.0.0.0/0, which has no address to the engine.
_BLOCKS = ["203.0.113.0/24", "192.0.0.0/2", "198.51.100.1/32", "2001:db8::/32", "no address"]


class Case(NamedTuple):
    """A policy and a request, as they are and as the evaluator sees them."""

    policies: Policies
    request: Request
    document: Document
    seen: evaluation.Request

    @property
    def answers(self) -> tuple[Truth, Truth]:
        """Whether the evaluator says that the request is allowed, and that it is denied."""
        found = statements(self.document)
        return evaluation.allowed(found, self.seen), evaluation.denied(found, self.seen)

    def __str__(self) -> str:
        """Show what went in."""
        return json.dumps({"policy": self.document, "request": self.seen._asdict()}, default=dict)


def _some(values: list[str], most: int = 3) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=most))


_CONDITION_KEYS = st.one_of(st.sampled_from(KEYS), st.sampled_from([key.upper() for key in _TEXTS]))


@st.composite
def _operators(draw: st.DrawFn, names: list[str]) -> str:
    quantifier = draw(st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]))
    # A missing key is true with IfExists, says AWS; the engine says otherwise with ForAnyValue.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    if_exists = "" if quantifier == "ForAnyValue:" else draw(st.sampled_from(["", "", "IfExists"]))
    return f"{quantifier}{draw(st.sampled_from(names))}{if_exists}"


@st.composite
def _conditions(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Draw an operator, a key and values; the values mostly suit the key."""
    kind = draw(st.sampled_from(["text"] * 4 + ["arn", "arn", "bool", "address", "null", "number"]))
    if kind == "null":
        return "Null", draw(_CONDITION_KEYS), draw(_some(["true", "false"], 2))
    if kind == "bool":
        values = _some(["true", "false", "True", "${aws:SecureTransport}", "x"], 2)
        return draw(_operators(["Bool"])), draw(st.sampled_from([*_TRUTHS, "aws:SourceVpce"])), draw(values)
    if kind == "address":
        return draw(_operators(["IpAddress", "NotIpAddress"])), "aws:SourceIp", draw(_some(_BLOCKS))
    if kind == "number":
        names = ["NumericLessThan", "NumericNotEquals", "NumericGreaterThanEquals"]
        return draw(_operators(names)), _NUMBER, draw(st.sampled_from(["300", "3600"]))
    if kind == "arn":
        names = ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike", "StringNotLike", "StringEquals"]
        keys = st.sampled_from(["aws:PrincipalArn", "aws:PrincipalArn", "aws:principalARN", "aws:SourceVpce"])
        return draw(_operators(names)), draw(keys), draw(_some(_ARNS))
    names = [f"String{no}{how}" for no in ("", "Not") for how in ("Equals", "Like", "EqualsIgnoreCase")]
    key = draw(_CONDITION_KEYS)
    own = {name.lower(): values for name, values in {**_TEXTS, **_LISTS}.items()}.get(key.lower(), _PLAIN)
    pool = draw(st.sampled_from([own, own, _PLAIN, _PATTERNS, _VARIABLES]))
    return draw(_operators(names)), key, draw(_some([*pool, *own]))


def _condition_block(drawn: list[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
    block: dict[str, dict[str, Any]] = {}
    for operator, key, values in drawn:
        block.setdefault(operator, {})[key] = values
    return block


_ACTIONS = {
    "dynamodb": [
        "dynamodb:GetItem",
        "dynamodb:*",
        "dynamodb:Get*",
        "DynamoDB:getitem",
        "dynamodb:Get????",
        "*",
        "s3:*",
    ],
    "kms": ["kms:Decrypt", "kms:*", "kms:De*", "kms:Encrypt", "kms:?ecrypt", "*", "dynamodb:*"],
}
_RESOURCES = {
    "dynamodb": [
        *("*", TABLE, f"{TABLES}/*", f"{TABLES}/Test-*", f"{TABLES}/Test-Order?-*", f"{TABLES}/orders", f"{TABLE}/*"),
        *(
            "arn:aws:dynamodb:*:*:table/*",
            f"arn:aws:dynamodb:*:{FOREIGN}:table/*",
            "arn:aws:dynamodb:*",
            "arn:aws:s3:::*",
        ),
        *(f"{TABLES}/*1A2B3C4D5E6F", f"{TABLES}/${{aws:PrincipalTag/Team}}", f"{TABLES}/*-${{aws:SourceVpce}}-*"),
        *("arn:aws:dynamodb:eu-*-1:*:table/Test-Orders-*", f"{TABLES}/${{aws:PrincipalTag/Name, '{TABLE_NAME}'}}"),
    ],
    "kms": ["*", KEY, "arn:aws:kms:*:*:key/*", f"arn:aws:kms:eu-central-1:{FOREIGN}:key/*", "arn:aws:kms:*"],
}
_PRINCIPALS = st.one_of(
    st.just("*"),
    st.fixed_dictionaries(
        {
            "AWS": _some(
                [
                    *("*", ROLE, FOREIGN_ROLE, f"{ROLES}/other", ACCOUNT, FOREIGN),
                    *(f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{FOREIGN}:root"),
                ]
            )
        },
        optional={"Service": _some([SERVICE, "s3.amazonaws.com"], 2)},
    ),
    st.fixed_dictionaries({"Service": _some([SERVICE, "s3.amazonaws.com"], 2)}),
)


@st.composite
def _statements(draw: st.DrawFn, service: str) -> dict[str, Any]:
    drawn = draw(st.lists(_conditions(), max_size=2))
    statement = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(_some(_ACTIONS[service])),
        draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(_some(_RESOURCES[service])),
        **({"Condition": _condition_block(drawn)} if drawn else {}),
    }
    if service == "kms":
        who = "Principal" if draw(st.integers(0, 3)) else "NotPrincipal"
        statement[who] = draw(_PRINCIPALS)
    return statement


@st.composite
def _contexts(draw: st.DrawFn, service: str) -> dict[str, str | list[str] | None]:
    context: dict[str, str | list[str] | None] = {
        key: draw(st.sampled_from(values)) for key, values in _TEXTS.items() if draw(st.booleans())
    }
    context |= {key: draw(st.sampled_from(["true", "false"])) for key in _TRUTHS if draw(st.booleans())}
    lists = [key for key in _LISTS if service == "dynamodb" or key.startswith("aws:")]
    context |= {
        key: draw(st.lists(st.sampled_from(_LISTS[key]), min_size=1, max_size=3, unique=True))
        for key in lists
        if draw(st.booleans())
    }
    if draw(st.booleans()):
        context["aws:SourceIp"] = draw(st.sampled_from(_ADDRESSES))
    if draw(st.booleans()):
        context[_NUMBER] = "600"
    return context


@st.composite
def cases(draw: st.DrawFn, *, hidden: bool) -> Case:
    """Draw a policy and a request.

    Args:
        draw: Draws from a strategy.
        hidden: Whether some of it is hidden from the evaluator.
    """
    service = draw(st.sampled_from(["dynamodb", "kms"]))
    document = {
        "Version": "2012-10-17",
        "Statement": draw(st.lists(_statements(service), min_size=1, max_size=2)),
    }
    who = ROLE if service == "dynamodb" else draw(st.sampled_from([ROLE, ROLE, FOREIGN_ROLE, SERVICE]))
    action, resource = ("dynamodb:GetItem", TABLE) if service == "dynamodb" else ("kms:Decrypt", KEY)
    request = Request(principal=who, action=action, resource=resource, context=draw(_contexts(service)))
    own = (ALL,) if who != SERVICE else ()
    policies = Policies(identity=(document,)) if service == "dynamodb" else Policies(identity=own, resource=document)
    seen = _seen(request)
    if not hidden:
        return Case(policies, request, document, seen)
    kept = {key: values for key, values in seen.context.items() if draw(st.integers(0, 5))}
    return _hidden(draw, Case(policies, request, document, seen._replace(context=kept)))


def _seen(request: Request) -> evaluation.Request:
    """Return what the evaluator is asked."""
    principal = str(request.principal)
    is_role = principal.startswith("arn:")
    given = {key.lower(): values for key, values in context_of(request).items()}
    return evaluation.Request(
        actions=(request.action,),
        resources=[request.resource],
        service="" if is_role else principal,
        role=principal if is_role else "",
        account=principal.split(":")[4] if is_role else ACCOUNT,
        context={
            **dict.fromkeys((key.lower() for key in KEYS), ()),
            "aws:principaltag/name": (),
            **{key: (values,) if isinstance(values, str) else tuple(values) for key, values in given.items()},
        },
    )


def _hidden(draw: st.DrawFn, case: Case) -> Case:
    """Return a case with placeholders, as the reader of templates leaves them for what only the deployment knows."""
    everywhere = {TABLE_NAME: MADE_NAME} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        everywhere[ACCOUNT] = "${AWS.AccountId}"
    if draw(st.booleans()):
        everywhere["eu-central-1"] = "${AWS.Region}"

    def replaced(value: Any, *, of_policy: bool) -> Any:
        if isinstance(value, str):
            for text, placeholder in everywhere.items():
                # Whoever wrote the policy may know where it is deployed, but not a name that is made then.
                if not of_policy or placeholder == MADE_NAME or draw(st.booleans()):
                    value = value.replace(text, placeholder)
            return _with_a_hidden_part(draw, value) if of_policy and not draw(st.integers(0, 7)) else value
        if isinstance(value, list):
            return [replaced(inner, of_policy=of_policy) for inner in value]
        if not isinstance(value, dict):
            return value
        return {
            key: "${?whole}" if of_policy and not draw(st.integers(0, 30)) else replaced(inner, of_policy=of_policy)
            for key, inner in value.items()
        }

    found = [replaced(statement, of_policy=True) for statement in case.document["Statement"]]
    seen = case.seen._replace(
        resources=replaced(list(case.seen.resources), of_policy=False),
        role=replaced(case.seen.role, of_policy=False),
        account=replaced(case.seen.account, of_policy=False),
        context={key: tuple(replaced(list(values), of_policy=False)) for key, values in case.seen.context.items()},
    )
    return case._replace(document={**case.document, "Statement": found}, seen=seen)


def _with_a_hidden_part(draw: st.DrawFn, text: str) -> str:
    """Return a text of which a part, or all, is hidden; placeholders stay whole."""
    if "${" in text:
        return "${?whole}"
    begin, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return f"{text[:begin]}${{?{draw(st.sampled_from('pq'))}{begin}{end}{len(text)}}}{text[end:]}"
