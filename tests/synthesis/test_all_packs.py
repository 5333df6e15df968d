"""Every configuration under all packs, in one app: nothing is open, and the reasons of our acknowledgments hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Environment, Stack

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Evidence, Result, Status
from secure_ddb.synthesis import checked_app
from tests.configurations import CONFIGURATIONS
from tests.synthesis.runs import CHECKOUT
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

# Constructs of CDK with its own defaults, which the table or its endpoints use.
NOT_OURS = {"everything": {"Changes", "Vpc"}, "own_key": {"Key"}, "own_topic": {"Alarms", "TopicKey"}}
# Read capacity that is fixed.
CHOSEN = {("everything", "SecureDdb-OPS3")}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Synthesize all configurations; without CDK's own validation, which takes long (test_planted.py has it)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_OUTDIR", str(tmp_path_factory.mktemp("configurations")))
        patch.chdir(CHECKOUT)
        app = checked_app()
        for name, fill in CONFIGURATIONS.items():
            # Shared alarms watch every table of their account and Region, and would make waivers of alarms superfluous.
            region = "eu-west-1" if name == "sharing" else "eu-central-1"
            stack = Stack(app, name.replace("_", "-"), env=Environment(account="111122223333", region=region))
            fill(stack)
        return app.synth()


@pytest.fixture(scope="module")
def evidence(assembly: Any) -> Evidence:
    return collect(Path(assembly.directory))


def results_of(evidence: Evidence, configuration: str) -> Iterator[Result]:
    return (result for result in evidence.results if result.stack == configuration.replace("_", "-"))


def test_all_packs_ran_on_all_configurations(evidence: Evidence) -> None:
    assert {pack.name for pack in evidence.packs if pack.succeeded} == {
        *("SecureDdb", "AwsSolutions", "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321"),
        "Serverless",
    }
    assert len(evidence.stacks) == len(CONFIGURATIONS)


@pytest.mark.parametrize("configuration", sorted(CONFIGURATIONS))
def test_nothing_of_ours_is_open(evidence: Evidence, configuration: str) -> None:
    is_open = [each for each in results_of(evidence, configuration) if each.status is Status.NOT_MET]
    chosen = {(configuration, each.rule) for each in is_open if each.construct.split("/")[1] == "Orders"}
    assert chosen == {each for each in CHOSEN if each[0] == configuration}
    others = {each.construct.split("/")[1] for each in is_open} - {"Orders"}
    assert others == NOT_OURS.get(configuration, set())


@pytest.mark.parametrize("configuration", sorted(CONFIGURATIONS))
def test_reasons_claim_object_lock_only_of_locked_buckets(
    assembly: Any, evidence: Evidence, configuration: str
) -> None:
    template = Template(assembly.get_stack_by_name(configuration.replace("_", "-")).template)
    reasons: dict[str, str] = {}
    for result in results_of(evidence, configuration):
        if result.status is Status.WAIVED and result.waived_by and result.resource_type == "AWS::S3::Bucket":
            reasons[result.logical_id] = reasons.get(result.logical_id, "") + result.waived_by.reason
    locked = {
        bucket
        for bucket, resource in template.of_type("AWS::S3::Bucket").items()
        if "ObjectLockConfiguration" in resource["Properties"]
    }
    assert {bucket for bucket, reason in reasons.items() if "Object Lock keeps" in reason} == locked
    assert reasons.keys() == template.of_type("AWS::S3::Bucket").keys()
