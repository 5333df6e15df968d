"""A table that lacks nothing, written by hand and in every way otherwise than `SecureTable` writes it.

So a rule that only knows the library's own spelling raises a false alarm here.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from tests.rules.handwritten.access import ACCESS
from tests.rules.handwritten.alarms import ALARMS
from tests.rules.handwritten.archive import ARCHIVE
from tests.rules.handwritten.audit import AUDIT
from tests.rules.handwritten.backup import BACKUP
from tests.rules.handwritten.detection import DETECTION
from tests.rules.handwritten.making import ACCOUNT, REGION, Body
from tests.rules.handwritten.network import NETWORK
from tests.rules.handwritten.scaling import SCALING
from tests.rules.handwritten.table import KEY, TABLE
from tests.rules.handwritten.trail import TRAIL

if TYPE_CHECKING:
    from secure_ddb.rules.rule import Judgement, Verdict

RESOURCES: Body = {
    "Key": KEY,
    "Alias": {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": "alias/orders", "TargetKeyId": {"Ref": "Key"}},
    },
    "Table": TABLE,
    **AUDIT,
    **ARCHIVE,
    **TRAIL,
    **BACKUP,
    **ALARMS,
    **DETECTION,
    **ACCESS,
    **NETWORK,
    **SCALING,
}


def body() -> Body:
    """Return the template, to change."""
    return {"Parameters": {"Parameter": {"Type": "String", "Default": "true"}}, "Resources": deepcopy(RESOURCES)}


def template(content: Body, **about: Any) -> Template:
    return Template(
        **{"name": "Orders", "stack_name": "Orders", "account": ACCOUNT, "region": REGION, **about}, body=content
    )


def changed(*changes: tuple[str, Any]) -> Body:
    """Return the template with other values; the path of one begins with its logical id, None removes it."""
    content = body()
    for path, value in deepcopy(changes):
        *around, name = path.split("/")
        place: Any = content["Resources"]
        for each in around:
            place = place[int(each)] if isinstance(place, list) else place[each]
        if isinstance(place, list):
            place[int(name)] = deepcopy(value)
        elif value is None:
            del place[name]
        else:
            # A later change may be inside of it.
            place[name] = deepcopy(value)
    return content


def judgements(content: Body, rule: str = "", **about: Any) -> list[Judgement]:
    """Return what a rule, or all of them, say about a template."""
    judged = judge(Assembly([template(content, **about)]))
    return [judgement for each, judgement in judged if rule in ("", each.id)]


def verdicts(content: Body, rule: str) -> set[Verdict]:
    return {judgement.verdict for judgement in judgements(content, rule)}
