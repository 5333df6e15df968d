"""Metadata that only the plugin sees during the synth, passed on in the validation report."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.landscape.assembly import Acknowledged
from secure_ddb.rules.rule import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STACKS = "stacks"
_ACKNOWLEDGED = "acknowledged on the app or a stage"
_CDK_VALIDATION = "CDK_VALIDATION"
_ALONGSIDE = "added alongside"
_OWN_RULES = "own rules"


class Seen(NamedTuple):
    """The plugin's metadata.

    Attributes:
        around: Acknowledgements on the app or on stages.
        stacks: How many stacks it judged.
        judged: How much it said of them.
        cdk_validation: Whether CDK's own validation was left on.
        alongside: The other packs that are known to have been added to the app. CDK's report leaves out those that
            found nothing.
        own_rules: The rules that are not of this library.
    """

    around: tuple[Acknowledged, ...]
    stacks: int
    judged: int
    cdk_validation: bool
    alongside: tuple[str, ...] = ()
    own_rules: tuple[str, ...] = ()


def seen_by_plugin(
    around: Sequence[Acknowledged], *, stacks: int, alongside: Sequence[str] = (), own_rules: Sequence[str] = ()
) -> dict[str, str]:
    """Return the metadata of the plugin's report, in addition to its counts."""
    metadata = {_STACKS: str(stacks)}
    if around:
        metadata[_ACKNOWLEDGED] = json.dumps([[each.construct, each.id, each.reason] for each in around])
    if os.environ.get(_CDK_VALIDATION) == "false":
        metadata[_CDK_VALIDATION] = "false"
    if alongside:
        metadata[_ALONGSIDE] = json.dumps(list(alongside))
    if own_rules:
        metadata[_OWN_RULES] = json.dumps(list(own_rules))
    return metadata


def read_seen(metadata: Mapping[str, str]) -> Seen:
    """Read the metadata that the plugin wrote."""
    return Seen(
        around=tuple(
            Acknowledged(construct=construct, id=name, reason=reason)
            for construct, name, reason in json.loads(metadata.get(_ACKNOWLEDGED, "[]"))
        ),
        stacks=int(metadata.get(_STACKS, 0)),
        judged=sum(int(metadata.get(verdict.value, 0)) for verdict in Verdict),
        cdk_validation=metadata.get(_CDK_VALIDATION) != "false",
        alongside=tuple(map(str, json.loads(metadata.get(_ALONGSIDE, "[]")))),
        own_rules=tuple(map(str, json.loads(metadata.get(_OWN_RULES, "[]")))),
    )
