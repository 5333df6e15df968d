"""Who can assume the roles of people, and through whom (IAM-6): configuration `people`."""

from __future__ import annotations

from tests.policies.requests.row import MFA, Context, Row, allowed, not_allowed

_PROVIDER = "arn:aws:iam::111122223333"
COMPANY, OTHER_COMPANY = f"{_PROVIDER}:saml-provider/Company", f"{_PROVIDER}:saml-provider/Supplier"
WORKFORCE, CUSTOMERS = (f"{_PROVIDER}:oidc-provider/id.example.com/{name}" for name in ("workforce", "customers"))
BY_SAML, BY_TOKEN, BY_ROLE, TAG = (
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRole",
    "sts:TagSession",
)
AUD, ISS = "SAML:aud", "SAML:iss"
ISSUER = "https://id.example.com/saml"
CONSOLE = "https://signin.aws.amazon.com/saml"
CLIENT = "id.example.com/workforce:aud"


def assertion(audience: str | None = CONSOLE, issuer: str | None = ISSUER) -> Context:
    """Return what AWS STS reads in an assertion."""
    return {key: value for key, value in ((AUD, audience), (ISS, issuer)) if value is not None}


def tags(**values: str) -> Context:
    """Return the tags that a provider sends for a session."""
    return {"aws:TagKeys": list(values), **{f"aws:RequestTag/{key}": value for key, value in values.items()}}


TOKEN: Context = {CLIENT: "orders-readers"}
FOR_AWS: Context = {AUD: CONSOLE}
FOR_OTHERS: Context = {AUD: "https://example.com/saml"}
NO_CLAIMS: Context = {}
READER, AUDITOR = tags(job="reader", team="payments"), tags(job="auditor")

ROWS: tuple[Row, ...] = (
    *(
        allowed(COMPANY, BY_SAML, "Operator", assertion(audience))
        for audience in (CONSOLE, "https://eu-central-1.signin.aws.amazon.com/saml")
    ),
    *(
        not_allowed(attack, who, BY_SAML, role, context, *(() if role == "Operator" else (AUDITOR,)))
        for role in ("Operator", "Auditor")
        for attack, who, context in (
            ("sign-in through another provider", OTHER_COMPANY, assertion()),
            ("an assertion for another application", COMPANY, assertion("https://example.com/saml")),
            ("an assertion for another Region", COMPANY, assertion("https://us-east-1.signin.aws.amazon.com/saml")),
            ("an assertion for nobody", COMPANY, assertion(None)),
            ("an assertion of another issuer", COMPANY, assertion(CONSOLE, "https://id.example.net/saml")),
            ("an assertion of nobody", COMPANY, assertion(CONSOLE, None)),
        )
    ),
    not_allowed("tags that grants go by", COMPANY, TAG, "Operator", tags(tenant="example"), FOR_AWS),
    # Only with the tags that the provider has to send.
    allowed(COMPANY, BY_SAML, "Auditor", assertion(), AUDITOR),
    allowed(COMPANY, TAG, "Auditor", AUDITOR, FOR_AWS),
    *(
        not_allowed(f"an auditor's role, by {who}", COMPANY, action, "Auditor", context, claims)
        for action, claims in ((BY_SAML, assertion()), (TAG, FOR_AWS))
        for who, context in (("another job", tags(job="reader")), ("who has no job", NO_CLAIMS))
    ),
    not_allowed("further tags", COMPANY, TAG, "Auditor", tags(job="auditor", tenant="example"), FOR_AWS),
    not_allowed("tags through another provider", OTHER_COMPANY, TAG, "Auditor", AUDITOR, FOR_AWS),
    *(
        not_allowed("tags by an assertion for another application", COMPANY, TAG, "Auditor", AUDITOR, claims)
        for claims in (FOR_OTHERS, NO_CLAIMS)
    ),
    allowed(WORKFORCE, BY_TOKEN, "Reader", TOKEN, READER),
    allowed(WORKFORCE, TAG, "Reader", TOKEN, READER),
    *(
        not_allowed(attack, who, action, "Reader", context)
        for action in (BY_TOKEN, TAG)
        for attack, who, context in (
            ("a token of another provider", CUSTOMERS, {**TOKEN, **READER}),
            ("a token for another client", WORKFORCE, {CLIENT: "shop", **READER}),
            ("a token for no client", WORKFORCE, READER),
            ("another job", WORKFORCE, {**TOKEN, **tags(job="operator", team="payments")}),
            ("who has no job", WORKFORCE, {**TOKEN, **tags(team="payments")}),
            ("who has no team", WORKFORCE, {**TOKEN, **tags(job="reader")}),
            ("who has no tags", WORKFORCE, TOKEN),
        )
    ),
    not_allowed("further tags", WORKFORCE, TAG, "Reader", TOKEN, tags(job="reader", team="payments", tenant="example")),
    # No other way in.
    *(
        not_allowed("what people may do, without signing in", who, BY_ROLE, role, MFA)
        for role in ("Operator", "Reader", "Auditor")
        for who in ("administrator", "foreign administrator")
    ),
    *(
        not_allowed("a role by the wrong kind of sign-in", who, action, role, context)
        for who, action, role, context in (
            (COMPANY, BY_TOKEN, "Operator", {}),
            (COMPANY, BY_ROLE, "Operator", {}),
            (WORKFORCE, BY_ROLE, "Reader", {**TOKEN, **READER}),
            (COMPANY, BY_ROLE, "Auditor", AUDITOR),
        )
    ),
)
