"""What a check prints suits the terminal, and whoever reads only its beginning."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from secure_ddb.cli.check_report import print_evidence
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.of_templates import evidence_of_templates
from tests.cli.checking import BARE


def test_in_a_terminal_long_lines_keep_their_indent() -> None:
    evidence = evidence_of_templates({Path("bare.yaml"): BARE.encode()})
    text = StringIO()
    print_evidence(evidence, Console(file=text, force_terminal=True, color_system=None, width=60))
    # What is longer than the terminal goes on below its beginning.
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    place = lines.index("    Set SSESpecification.KMSMasterKeyId to a customer")
    assert lines[place + 1].startswith("    managed AWS KMS key; each replica needs a key in its own")


def test_the_worst_stands_first() -> None:
    evidence = evidence_of_templates({Path("bare.yaml"): BARE.encode()})
    turned = replace(evidence, results=evidence.results[::-1])
    text = StringIO()
    print_evidence(turned, Console(file=text, width=200))
    severities = [line.split()[0] for line in text.getvalue().splitlines() if re.match(r"  \w", line)]
    assert severities[0] == "high"
    # What cannot be verified comes last.
    assert severities[-2:] == ["low", "not"]
    assert severities == sorted(severities, key=["high", "medium", "low", "not"].index)


def test_a_detail_of_hundreds_of_results_is_one_line() -> None:
    evidence = evidence_of_templates({Path("bare.yaml"): BARE.encode()})
    first = next(each for each in evidence.results if each.status is Status.NOT_MET)
    for keys, shown in (
        ([f"k{number}" for number in range(200)], "k0, k1, k2, k3, k4, k5, k6, k7 and 192 more"),
        (["read the stream"] * 200, "200 times"),
        ([""] * 3, "3 times"),
        (["eu-west-1", "eu-west-2"], "eu-west-1, eu-west-2"),
    ):
        text = StringIO()
        many = tuple(replace(first, key=key) for key in keys)
        print_evidence(replace(evidence, results=many), Console(file=text, width=400))
        (line,) = (line for line in text.getvalue().splitlines() if line.strip().endswith(")"))
        assert line.endswith(f"({shown})")
