"""Constructs of this library other than tables, marked as such in their template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack

from secure_ddb.table_evidence import CONSTRUCT_KEY

if TYPE_CHECKING:
    from constructs import Construct


def state_construct(construct: Construct) -> None:
    """State in the template that a construct is one of this library: it accepts findings on its parts by design."""
    Stack.of(construct).add_metadata(f"{CONSTRUCT_KEY}/{construct.node.path}", type(construct).__name__)
