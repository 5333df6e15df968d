"""The rules of the installed cdk-nag, read from the JavaScript that it ships."""

from __future__ import annotations

import re
import tarfile
from functools import cache
from importlib import resources

from cdk_nag import AwsSolutionsChecks

APPLIED = re.compile(r"this\.applyRule\(\{(.*?)\n {8}\}\);", re.DOTALL)


@cache
def packs() -> dict[str, str]:
    """Return the name of each pack and its source."""
    (archive,) = (
        file
        for file in resources.files(AwsSolutionsChecks.__module__).joinpath("_jsii").iterdir()
        if file.name.endswith(".jsii.tgz")
    )
    found = {}
    with resources.as_file(archive) as path, tarfile.open(path) as tarball:
        for member in tarball:
            if re.fullmatch(r"package/lib/packs/[^/]+\.js", member.name):
                content = tarball.extractfile(member)
                assert content
                text = content.read().decode("utf-8")
                found[_only(r"this\.packName = '([^']+)'", text)] = text
    return found


@cache
def rules() -> dict[str, str]:
    """Return the id of each rule, and what it says when it is not met."""
    found = {}
    for pack, text in packs().items():
        for applied in APPLIED.findall(text):
            name = re.search(r"ruleSuffixOverride: '([^']+)'", applied) or re.search(r"rule: \w+\.(\w+),", applied)
            assert name, applied
            found[f"{pack}-{name[1]}"] = _only(r"info: (['\"`].*['\"`]),\n", applied)
    return found


def controls(rule: str) -> set[str]:
    """Return the controls that a rule of the pack for NIST SP 800-53 Rev. 5 names, without letters of their parts."""
    named = _only(r"\(Control IDs?: (.*)\)", rules()[rule])
    return {_only(r"^([A-Z]{2}-\d+(?:\(\d+\))?)", each) for each in re.split(r",\s+", named)}


def _only(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"cdk-nag has changed: {pattern} is not in {text[:200]}"
    return found[1]
