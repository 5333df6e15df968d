"""Whole templates as reviewed; accept a change with `make snapshots`, after reading it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from tests.template import Template

CONFIGURATIONS = ("bring_your_own", "everything", "minimal", "waived")
ASSET = re.compile(r"[0-9a-f]{64}\.zip")
# Of a version's logical id, which is made of code and settings.
VERSION = re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}")
MASKED_VERSION = r"\g<1>Hash"
MASKED_ASSET = "<hash of the handler's folder>.zip"


def masked(template: Template) -> dict[str, Any]:
    """Return the template without the hashes of code, so that editing the handler changes no snapshot."""
    body: dict[str, Any] = json.loads(VERSION.sub(MASKED_VERSION, json.dumps(template.body)))
    for resource in body["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            code = resource["Properties"]["Code"]
            assert ASSET.fullmatch(code["S3Key"]), code
            code["S3Key"] = MASKED_ASSET
    return body


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_template_is_as_reviewed(
    template: Callable[[str], Template], snapshot: SnapshotAssertion, configuration: str
) -> None:
    assert masked(template(configuration)) == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshots_hold_nothing_of_one_machine_or_day(template: Callable[[str], Template]) -> None:
    text = str([masked(template(name)) for name in CONFIGURATIONS])

    assert MASKED_ASSET in text
    # Hashes of files, paths and times of the synth.
    assert re.findall(r"[0-9a-f]{40,}|/(?:home|root|tmp|work|Users|var)/|T\d\d:\d\d:\d\d", text) == []
