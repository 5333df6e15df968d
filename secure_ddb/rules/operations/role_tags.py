"""Keys of a role's tags differ in more than case."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Compare the keys of the tags of each role that serves tables."""
    for role, tables in assembly.belongings.items():
        if role.type == kinds.ROLE:
            tags = role.properties.get("Tags")
            keys = [key for tag in as_list(tags) if isinstance(key := at(tag, "Key"), str)]
            counts = Counter(key.lower() for key in keys)
            same = [key for key in keys if counts[key.lower()] > 1 and not is_unknown(key)]
            answer = False if same else None if is_unknown(tags) or any(map(is_unknown, keys)) else True
            detail = f"tags {', '.join(same)} have the same key" if same else "tag keys are unique"
            yield judged(role, "Properties.Tags", answer, detail, tables=tables)


RULE = Rule(
    id="SecureDdb-OPS6",
    title="Tag keys of roles differ in more than case",
    severity=Severity.MEDIUM,
    requirements=("ADO-1", "OPS-1"),
    controls=("NIST.800-53.r5 CM-8",),
    explanation="IAM ignores the case of a role's tag keys, and refuses to make a role with the same key twice.",
    remedy=(
        "Use one spelling of each key: rename the app's tag, or choose its spelling for the mandatory tags with "
        "TagKeys(...).apply_to(app)."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html",
    check=check,
)
