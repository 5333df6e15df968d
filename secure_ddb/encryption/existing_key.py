"""A key that is given instead of made: asked of CDK once, however many tables it encrypts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_kms import CfnKey

from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_kms import IKey

IMPORTED_ORIGIN = "EXTERNAL"


@dataclass(frozen=True, kw_only=True)
class ExistingKey:
    """A key, as far as it is known at synth.

    Attributes:
        key: The key.
        arn: Its ARN.
        name: Which key it is: its ARN, or where it is in the app.
        region: Where it is.
        account: Whose it is.
        has_imported_material: Whether it is one of this app whose material is imported; of other keys that is unknown.
    """

    key: IKey
    arn: str
    name: str
    region: str
    account: str
    has_imported_material: bool
    _allowed: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, key: IKey) -> ExistingKey:
        """Return the known facts of a key."""
        known = _KEYS.get(key)
        if known is None:
            known = _KEYS[key] = cls._ask(key)
        return known

    @classmethod
    def _ask(cls, key: IKey) -> ExistingKey:
        arn, environment, resource = key.key_arn, key.env, key.node.default_child
        return cls(
            key=key,
            arn=arn,
            name=key.node.path if is_token(arn) else arn,
            region=environment.region,
            account=environment.account,
            has_imported_material=isinstance(resource, CfnKey) and resource.origin == IMPORTED_ORIGIN,
        )

    def allow(self, statement: dict[str, Any]) -> bool:
        """Add a statement to its policy, unless it is there; tell whether it can be added at all."""
        text = repr(statement)
        if text not in self._allowed:
            added = self.key.add_to_resource_policy(PolicyStatement.from_json(statement))
            self._allowed[text] = added.statement_added
        return self._allowed[text]


_KEYS: WeakKeyDictionary[IKey, ExistingKey] = WeakKeyDictionary()
