"""What several findings advise."""

from __future__ import annotations

from typing import Final

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
IMPORT: Final = "cdk import, or cdk deploy --import-existing-resources"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html
REFACTOR: Final = "Or move it by a stack refactoring: cdk refactor, or aws cloudformation create-stack-refactor."
SAME_RESOURCE: Final = "If {} the same resource, keep the logical id {}."
