"""The synthesized policies allow each service what it needs, by the check that the service performs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.acceptance.deciding import case, unmet
from tests.acceptance.managed_policies import actions_of
from tests.acceptance.page import PAGE, page
from tests.acceptance.requirement import Basis, Check, Moment, Requirement
from tests.acceptance.requirements.event_source_mapping import EVENT_SOURCE_MAPPING
from tests.acceptance.requirements.groups import REQUIREMENTS
from tests.policies.engine import Decision, decide

COVERED = {
    "AWS Backup",
    "AWS CloudTrail",
    "AWS Lambda",
    "Amazon CloudWatch Logs",
    "Amazon CloudWatch alarms",
    "Amazon Data Firehose",
    "Amazon DynamoDB",
    "Amazon EventBridge",
}


def test_each_service_is_allowed_what_it_needs() -> None:
    assert unmet(REQUIREMENTS) == []


def test_every_service_that_the_table_works_with_is_covered() -> None:
    assert {requirement.service for requirement in REQUIREMENTS} == COVERED


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_the_source_is_of_the_kind_that_is_named(requirement: Requirement) -> None:
    match requirement.basis:
        case Basis.AWS_PAGE:
            assert re.match(r"https://docs\.aws\.amazon\.com/\S+$", requirement.source)
        case Basis.MANAGED_POLICY:
            assert set(requirement.actions) <= actions_of(requirement.source)
        case Basis.THIRD_PARTY:
            assert not requirement.source.startswith("https://docs.aws.amazon.com/")


def test_a_bucket_policy_does_not_count_where_lambda_checks_the_role() -> None:
    (destination,) = (
        each
        for each in EVENT_SOURCE_MAPPING
        if each.actions == ("s3:PutObject",) and each.moment is Moment.CREATION and each.basis is Basis.AWS_PAGE
    )
    assert destination.check is Check.ROLE_ALONE
    policies, request = case(destination, "minimal", "s3:PutObject")
    by_bucket = {
        "Effect": "Allow",
        "Principal": {"AWS": request.principal},
        "Action": "s3:PutObject",
        "Resource": "*",
    }
    without = replace(policies, identity=())
    helped = replace(without, resource={"Version": "2012-10-17", "Statement": [by_bucket]})
    assert decide([(policies, request), (without, request), (helped, request)]) == [
        Decision.ALLOWED,
        Decision.IMPLICITLY_DENIED,
        # IAM alone would allow it, which is why the check of the service has to be part of the row.
        Decision.ALLOWED,
    ]


def test_a_missing_permission_is_noticed() -> None:
    impossible = replace(REQUIREMENTS[0], who="nobody")
    assert len(unmet([impossible])) == len(impossible.actions) * len(impossible.configurations)


def test_the_page_shows_the_requirements_of_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.acceptance.page, and read the difference"
