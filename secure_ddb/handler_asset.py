"""The code of a function in the stack's assets, made once for each stack."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import Annotations, Stack
from aws_cdk.aws_lambda import Code
from aws_cdk.aws_s3_assets import Asset

from secure_ddb.context import outermost_stack
from secure_ddb.errors import first_line, reject

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct

    from secure_ddb.context import StackEnvironment

_WITHOUT_OBJECT_VERSION = "@aws-cdk/aws-lambda:codeFromBucketObjectVersionNotSpecified"
_codes: WeakKeyDictionary[StackEnvironment, dict[str, Code]] = WeakKeyDictionary()


def code_of(scope: Construct, environment: StackEnvironment, id: str, folder: Path, what: str) -> Code:
    """Return where the code of a folder will be; all of a stack share one asset.

    Args:
        scope: Anything in the stack.
        environment: Where the stack is deployed.
        id: Construct id of the asset.
        folder: The code.
        what: The owner of the code, for the error.

    Raises:
        InvalidArgumentError: The stack's synthesizer takes no assets.
    """
    codes = _codes.setdefault(environment, {})
    if id not in codes:
        stack = Stack.of(scope)
        problem = ""
        try:
            asset = Asset(stack, id, path=str(folder), exclude=["__pycache__", "*.pyc"])
        except RuntimeError as error:
            problem = first_line(error)
        # Outside of the `except`, or Python would print jsii's stack trace along.
        if problem:
            stack.node.try_remove_child(id)
            reject(
                "synthesizer of the stack",
                type(outermost_stack(stack).synthesizer).__name__,
                f"one that takes {what}'s code as an asset, such as DefaultStackSynthesizer ({problem})",
            )
        Annotations.of(asset).acknowledge_warning(
            _WITHOUT_OBJECT_VERSION, "The key of an asset is the hash of its content."
        )
        codes[id] = Code.from_bucket(asset.bucket, asset.s3_object_key)
    return codes[id]
