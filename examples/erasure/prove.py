"""The command `python -m examples.erasure.prove`: writes the report of an erasure, and signs it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from examples.erasure.copies import MANUAL, copies
from examples.erasure.erase import request_id
from examples.erasure.erasing import ErasureError
from examples.erasure.trail import Erased, read_erasure
from secure_ddb.audit_trail.verify import InputError, find_files, open_lines, verify_lines
from secure_ddb.cli.audit_origin import MacVerifier
from secure_ddb.cli.audit_verify import input_size
from secure_ddb.cli.aws import connect_to_kms, in_one_sentence
from secure_ddb.cli.terminal import CannotRunError
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.counted import counted
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.judging.reading import read_templates

if TYPE_CHECKING:
    from secure_ddb.audit_trail.verify import Report
    from secure_ddb.landscape.assembly import Assembly

_EXISTING = click.Path(exists=True, path_type=Path)
_ALGORITHM = "ECDSA_SHA_256"


@click.command("prove")
@click.argument("lines", nargs=-1, required=True, type=_EXISTING, metavar="LINES...")
@click.option("--request", required=True, callback=request_id, metavar="ID", help="Id of the person's request.")
@click.option("--synth", required=True, type=_EXISTING, help="Cloud assembly that was deployed, such as cdk.out.")
@click.option(
    "--table", "tables", required=True, multiple=True, metavar="NAME", help="A table that was erased from; repeatable."
)
@click.option("--approved-by", required=True, metavar="NAME", help="Who answers for the report.")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where to write the report.")
@click.option("--origin-key", "origin_keys", multiple=True, metavar="ARN", help="As of secure-ddb audit verify.")
@click.option("--sign-with", metavar="ARN", help="Key of AWS KMS that signs the report, into OUTPUT.sig.")
@click.option("--region", metavar="NAME", help="The Region of the keys, if not the one of their ARNs.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
@click.pass_context
def main(
    context: click.Context,
    *,
    lines: tuple[Path, ...],
    request: str,
    synth: Path,
    tables: tuple[str, ...],
    approved_by: str,
    output: Path,
    origin_keys: tuple[str, ...],
    sign_with: str | None,
    region: str | None,
    profile: str | None,
) -> None:
    """Write a report that a person's items were deleted, from the LINES of the audit trail, and when copies end.

    The report has the request's id and digests of keys, and no data of the person. An unproven report is not signed.

    The exit status is 0 if the trail is intact and each item that was marked was deleted and not written again, 1 if
    not, and 2 if something cannot be read.
    """
    try:
        verifier = MacVerifier(origin_keys, region, profile) if origin_keys else None
        with open_lines(lines, lambda _: None, input_size(lines)) as entries:
            verified = verify_lines(entries, verify_mac=verifier)
        erased = read_erasure(find_files(lines), request)
        report = {
            "schema": 1,
            "request": request,
            "approved_by": approved_by,
            "written": _now(),
            "trail": _trail(verified),
            "tables": [_table(name, erased.get(name, Erased()), _assembly(synth)) for name in tables],
            "look_for": list(MANUAL),
        }
        is_proven = verified.intact and all(name in erased and erased[name].is_proven for name in tables)
        report["proven"] = is_proven
        content = f"{json.dumps(report, indent=2)}\n".encode()
        output.write_bytes(content)
        if sign_with and is_proven:
            _sign(output, content, connect_to_kms(sign_with, region, profile), sign_with)
    except (ErasureError, InputError, OSError, TemplateError, AssemblyError) as error:
        raise CannotRunError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(in_one_sentence(error)) from error
    for name in tables:
        click.echo(_said(name, erased.get(name, Erased())))
    click.echo(f"the trail is {'intact' if verified.intact else 'not intact'}; the erasure is {_proven(is_proven)}")
    context.exit(0 if is_proven else 1)


def _trail(verified: Report) -> dict[str, Any]:
    return {
        "intact": verified.intact,
        "origin_verified": verified.origin_verified,
        "records": verified.records,
        "findings": {kind.value: count for kind, count in verified.counts.items() if count},
    }


def _table(name: str, erased: Erased, assembly: Assembly) -> dict[str, Any]:
    """Return the report's part for one table.

    Raises:
        ErasureError: No template has the table.
    """
    found = [table for table in assembly.tables if table.name == name]
    if not found:
        names = ", ".join(str(table.name) for table in assembly.tables)
        raise ErasureError(f"no template has the table {name}; allowed: {names}")
    last = max((created for _, created in erased.removed.values()), default=None)
    moment = datetime.fromtimestamp(last, UTC) if last else None
    return {
        "table": name,
        "erased": len(erased.removed),
        "last_deletion": f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None,
        "digests": sorted(erased.removed),
        "not_deleted": sorted(erased.open),
        "written_again": sorted(erased.written_again),
        "copies": [each.as_json(moment) for each in copies(assembly, found[0])] if moment else [],
    }


def _assembly(synth: Path) -> Assembly:
    files = stack_templates(synth) if synth.is_dir() else [synth]
    return read_templates(files, with_paths=True, read=lambda file: parse_template(file.read_bytes(), str(file)).body)


def _sign(output: Path, content: bytes, kms: Any, key: str) -> None:
    """Write the signature next to the report, in the form that openssl verifies."""
    digest = hashlib.sha256(content).digest()
    answer = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=_ALGORITHM)
    output.with_name(f"{output.name}.sig").write_bytes(answer["Signature"])


def _said(name: str, erased: Erased) -> str:
    text = f"{name}: {counted(len(erased.removed), 'item')} deleted"
    return f"{text}, {len(erased.open):,} only marked, {len(erased.written_again):,} written again"


def _proven(is_proven: bool) -> str:  # noqa: FBT001 - reads as a sentence where it is called
    return "proven" if is_proven else "not proven, and the report not signed"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main()
