"""What is said of AWS's own policies is what AWS's documents allow."""

from __future__ import annotations

import pytest

from secure_ddb.iam.managed_policies import SERVICES
from tests.acceptance.managed_policies import actions_of


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_those_of_awss_document(name: str) -> None:
    assert {action.partition(":")[0] for action in actions_of(name)} == SERVICES[name]
