"""What a company chooses of the front end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
_LEAST_RATE, _MOST_RATE = 10, 2_000_000_000
_ARN_OF_AUTHORITY = re.compile(r"arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:\d{12}:certificate-authority/[0-9a-f-]{36}")
_ARN_OF_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, kw_only=True)
class Truststore:
    """The PEM file of the authorities whose client certificates are accepted, in a versioned bucket.

    Attributes:
        bucket: Name of the bucket. Who deploys has to be allowed to read the file.
        key: Key of the file.
        version: Version of the file. A new file takes effect when this is changed.
    """

    bucket: str
    key: str
    version: str


@dataclass(frozen=True, kw_only=True)
class FrontEndSettings:
    """Name, certificates, callers and limits of the front end.

    Attributes:
        domain_name: The name by which it is called.
        hosted_zone_id: Id of the public hosted zone that has this name.
        zone_name: Name of that zone.
        authority_arn: The company's authority in AWS Private CA, which issues the server's certificate.
        truststore: Authorities of the callers' certificates.
        callers: ARNs of the roles that may call it, of any account. They have to exist.
        countries: Countries that requests may come from, as ISO 3166 codes of two letters.
        requests_per_address: Most requests of one address in five minutes.
        requests_per_second: Most requests of all callers together, on average.
        has_logging_role: Whether the account has a role with which API Gateway logs in this Region. Otherwise the stack
            makes one, for all its APIs, and leaves it behind.
        shield_advanced: Whether AWS Shield Advanced protects the hosted zone. The account needs the subscription.

    Raises:
        ValueError: One of them is not allowed; the message names it.
    """

    domain_name: str
    hosted_zone_id: str
    zone_name: str
    authority_arn: str
    truststore: Truststore
    callers: Sequence[str]
    countries: Sequence[str]
    requests_per_address: int = 1_000
    requests_per_second: int = 50
    has_logging_role: bool = False
    shield_advanced: bool = False

    def __post_init__(self) -> None:
        """Check values that AWS would reject late in the deployment, or interpret differently."""
        if self.domain_name != self.zone_name and not self.domain_name.endswith(f".{self.zone_name}"):
            _refuse("domain_name", self.domain_name, f"a name in the zone {self.zone_name}")
        if not _ARN_OF_AUTHORITY.fullmatch(self.authority_arn):
            _refuse("authority_arn", self.authority_arn, "the ARN of an authority in AWS Private CA")
        if not self.truststore.version:
            _refuse("truststore.version", self.truststore.version, "a version of the file")
        # An empty list would allow no country, or every country.
        for name, values, form, allowed in (
            ("callers", self.callers, _ARN_OF_ROLE, "ARNs of roles, at least one"),
            ("countries", self.countries, _COUNTRY, "codes of two capital letters, at least one"),
        ):
            if not values or not all(form.fullmatch(each) for each in values):
                _refuse(name, list(values), allowed)
        if not _LEAST_RATE <= self.requests_per_address <= _MOST_RATE:
            _refuse("requests_per_address", self.requests_per_address, f"{_LEAST_RATE:,} to {_MOST_RATE:,}")
        if self.requests_per_second < 1:
            _refuse("requests_per_second", self.requests_per_second, "1 or more")


def _refuse(name: str, value: object, allowed: str) -> None:
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")
