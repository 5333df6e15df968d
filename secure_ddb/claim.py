"""Claims: statements that nothing here can verify. Evidence shows them as such and never as met."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def require_claim(argument: str, claim: DataclassInstance) -> None:
    """Reject a claim with a field that a security reviewer could not follow up."""
    for field in fields(claim):
        require_claim_text(f"{argument}.{field.name}", getattr(claim, field.name))


def require_claim_text(argument: str, value: object) -> None:
    """Reject a text that is empty or not known at synth: a security reviewer could not follow it up."""
    require_type(argument, value, str)
    if not str(value).strip() or is_token(value):
        reject(argument, value, "a text that a security reviewer can act on, known at synth")
