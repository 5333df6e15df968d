"""What the documents show is run, and what they refer to exists."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from aws_cdk import App, Environment
from click.testing import CliRunner

from examples.checks import checked_app
from examples.choices import ChoicesStack
from examples.company_defaults import app_with_company_defaults
from examples.company_keys import KeysStack
from examples.company_keys import OrdersStack as OrdersStackWithKeys
from examples.elsewhere import IntegrationsStack, OrdersStack, ReportsStack
from examples.grants import GrantsStack
from examples.guardrails import EXEMPT_ROLES, GuardrailsStack, write_service_control_policy
from examples.sharing import OtherAppStack, PlatformStack, TeamStack
from examples.stream_consumer import StreamConsumerStack
from examples.tag_keys import app_with_own_tag_keys
from secure_ddb import DataClassification, InvalidArgumentError, permissions_boundary, service_control_policy
from secure_ddb.access.actions import DATA_PLANE
from secure_ddb.access.guardrails import LONGEST_SERVICE_CONTROL_POLICY
from secure_ddb.audit.measures import function_measures, mapping_measures
from secure_ddb.classification import Floor
from secure_ddb.cli.main import main
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.context import StackEnvironment
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.network.policy import EndpointPolicy
from secure_ddb.rules.rule import Verdict
from tests.access.granted import granted
from tests.markdown import anchors
from tests.template import Template, as_list, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md")])
LONGEST_README = 150
SOURCES = [
    *sorted(ROOT.glob("examples/*.py")),
    *sorted(ROOT.glob("examples/orders/**/*.py")),
    *sorted(ROOT.glob("examples/logged_reads/**/*.py")),
    *sorted(ROOT.glob("examples/change_stream/**/*.py")),
    *sorted(ROOT.glob("tests/adding_a_part/*.py")),
    ROOT / "tests" / "rules" / "test_company_rule.py",
    ROOT / "app.py",
]
FLOORS = {
    "Audit log kept, days": "log_retention",
    "Point-in-time recovery, days": "recovery_period",
    "Daily backups kept, days": "daily_backup",
    "Weekly backups kept, days": "weekly_backup",
    "Monthly backups kept, days": "monthly_backup",
    "Daily, weekly and monthly backups, not one of them": "must_have_every_backup",
    "Vault refuses backups that are kept for longer than the plan does": "must_limit_backups",
    "Audit log archived, write-once": "must_be_archived",
    "Requests from outside the perimeter denied": "must_enforce_perimeter",
    "Longest rotation period of the key, days": "longest_key_rotation",
    "May be deleted with its stack": "may_be_ephemeral",
    "Contributor Insights may show keys": "may_show_keys",
    "Log may hold keys in clear": "may_log_keys",
    "Roles of other accounts may use items": "may_be_used_from_other_accounts",
}


def blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for document in DOCUMENTS:
        pattern = rf"^```{language}\n(.*?)^```"
        found += [
            (document.name, block)
            for block in re.findall(pattern, document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        ]
    return found


@pytest.mark.parametrize(("document", "block"), blocks("python"))
def test_python_shown_is_part_of_a_file_that_runs(document: str, block: str) -> None:
    assert any(block in source.read_text(encoding="utf-8") for source in SOURCES), f"{document} shows:\n{block}"


@pytest.mark.parametrize(("document", "block"), blocks("sh"))
def test_commands_shown_are_targets_of_make(document: str, block: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in block.splitlines():
        command, *arguments = line.split()
        assert command == "make", document
        assert set(arguments) <= targets, document


@pytest.mark.parametrize(("document", "block"), blocks("yaml"))
def test_yaml_shown_is_part_of_a_file_that_runs(document: str, block: str) -> None:
    files = sorted(ROOT.glob("examples/**/*.yaml"))
    assert any(block in file.read_text(encoding="utf-8") for file in files), f"{document} shows:\n{block}"


# Of commands that need AWS, no output is shown.
@pytest.mark.parametrize(("document", "block"), [each for each in blocks("console") if each[1].startswith("$ ")])
def test_commands_of_ours_print_what_is_shown(document: str, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, _, shown = block.partition("\n")
    name, *arguments = shlex.split(command.removeprefix("$ "))
    assert name == "secure-ddb", document
    printed = CliRunner().invoke(main, arguments, env={"COLUMNS": "120"}).stdout
    # Three dots stand for whatever there is.
    assert re.fullmatch(re.escape(shown).replace(re.escape("..."), ".*"), printed, re.DOTALL), printed


def test_example_of_checks_refuses_a_bare_table(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="SecureDdb-BAK3"):
        checked_app(str(tmp_path)).synth()


def test_example_of_a_pipeline_writes_what_it_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    workflow = yaml.safe_load((ROOT / "examples" / "pipelines" / "github.yaml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["check"]["steps"]
    (command,) = (step["run"] for step in steps if step.get("run", "").startswith("secure-ddb "))
    command, _, file = command.partition(" > ")
    assert file == steps[-1]["with"]["sarif_file"]
    words = shlex.split(command)[1:]
    arguments = [str(each) for word in words for each in (sorted(Path().glob(word)) if "*" in word else [word])]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["runs"][0]["results"]


def deployment() -> dict[str, Any]:
    """Return the jobs of the example of a deployment."""
    text = (ROOT / "examples" / "pipelines" / "deploy.yaml").read_text(encoding="utf-8")
    workflow: dict[str, Any] = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    jobs: dict[str, Any] = workflow["jobs"]
    return jobs


def test_example_of_a_deployment_deploys_what_the_strict_synth_checked() -> None:
    check, deploy = (deployment()[name] for name in ("check", "deploy"))
    assert deploy["needs"] == "check"
    # Without a condition, so only after a synth without open findings.
    steps = check["steps"]
    (synth,) = (place for place, step in enumerate(steps) if step.get("run") == "python app.py")
    (upload,) = (place for place, step in enumerate(steps) if step.get("with", {}).get("name") == "assembly")
    assert upload > synth
    assert "if" not in steps[upload]
    (download,) = (step["with"] for step in deploy["steps"] if "download-artifact" in step.get("uses", ""))
    assert (download["name"], download["path"]) == ("assembly", steps[upload]["with"]["path"])
    command = deploy["steps"][-1]["run"]
    assert "deploy --app cdk.out" in command
    assert "--ignore-errors" not in command


def test_example_of_a_deployment_gives_the_role_to_a_job_that_installs_nothing_but_the_cli() -> None:
    check, deploy = (deployment()[name] for name in ("check", "deploy"))
    assert "permissions" not in check
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert deploy["environment"] == "prod"
    commands = [step["run"] for step in deploy["steps"] if "run" in step]
    assert commands[0] == "npm ci --ignore-scripts"
    assert [command.partition(" ")[0] for command in commands] == ["npm", "npx"]
    assert "--no-install" in commands[1]


@pytest.mark.parametrize("file", ["pipelines/deploy.yaml", "pipelines/github.yaml", "secret_scanning/github.yaml"])
def test_examples_of_pipelines_name_actions_by_commit(file: str) -> None:
    workflow = yaml.safe_load((ROOT / "examples" / file).read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []


def test_example_of_a_deployment_installs_by_hashes() -> None:
    (command,) = (step["run"] for step in deployment()["check"]["steps"] if step.get("run", "").startswith("pip"))
    assert command == "pip install --require-hashes -r requirements.txt"
    (evidence,) = (
        step["with"] for step in deployment()["check"]["steps"] if step.get("with", {}).get("name") == "evidence"
    )
    assert "requirements.txt" in evidence["path"]


def synthesized(stack: Callable[..., Stack]) -> Template:
    app = App()
    stack(app, "Example", env=Environment(account="111122223333", region="eu-central-1"))
    return Template(app.synth().get_stack_by_name("Example").template)


def test_example_of_choices_synthesizes() -> None:
    assert len(synthesized(ChoicesStack).of_type("AWS::DynamoDB::GlobalTable")) == 3


def test_example_of_company_keys_has_a_table_under_imported_material_and_another_hmac_key() -> None:
    app = App()
    env = Environment(account="111122223333", region="eu-central-1")
    OrdersStackWithKeys(app, "Orders", keys=KeysStack(app, "Keys", env=env), env=env)
    keys, orders = (Template(app.synth().get_stack_by_name(name).template) for name in ("Keys", "Orders"))
    assert keys.properties("AWS::KMS::Key")["Origin"] == "EXTERNAL"
    replaced = orders.only("AWS::KMS::Key", "OrdersAuditDigestKey2027")
    assert replaced["DeletionPolicy"].startswith("Retain")
    variables = orders.properties("AWS::Lambda::Function", "OrdersAuditFunction")["Environment"]["Variables"]
    assert variables["HMAC_KEY_ID"] == {"Fn::GetAtt": ["OrdersAuditDigestKey2027", "Arn"]}


def test_example_of_grants_grants_to_each_role() -> None:
    template = synthesized(GrantsStack)
    tenant, courier = (granted(template, role)[-1] for role in ("Tenant", "Courier"))
    assert tenant.condition["ForAllValues:StringEquals"] == {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/tenant}"]}
    assert courier.condition["ForAllValues:StringEquals"].keys() == {"dynamodb:LeadingKeys", "dynamodb:Attributes"}
    assert granted(template, "Support")[0].actions
    assert granted(template, "Operator")[0].actions


def test_example_of_tag_keys_tags_with_them(tmp_path: Path) -> None:
    template = Template(app_with_own_tag_keys(str(tmp_path)).synth().get_stack_by_name("Orders").template)
    keys = {tag["Key"] for tag in template.replica()["Tags"]}
    assert keys == {"team", "finance:cost-center", "Application", "Environment", "DataClassification"}


def test_limits_say_how_much_a_default_table_uses(minimal: Template) -> None:
    page = " ".join((DOCS / "limits.md").read_text(encoding="utf-8").split())
    resources = len(minimal.resources)
    assert f"A table with all defaults is {resources} resources, {len(minimal.alarms())} of them alarms." in page
    assert f"| 500, fixed | {500 // resources} tables with all defaults |" in page
    assert (
        f"| {len(minimal.alarms())} for each table, one more for each global index, four more with an archive |" in page
    )
    for kind, said in (
        ("AWS::KMS::Key", "two keys for each table"),
        ("AWS::IAM::Role", "two roles and"),
        ("AWS::IAM::ManagedPolicy", "three policies for each table"),
        ("AWS::Backup::BackupVault", "one of each for each table"),
        ("AWS::Backup::BackupPlan", "one of each for each table"),
    ):
        assert len(minimal.of_type(kind)) == ("zero", "one", "two", "three").index(said.split()[0])
        assert said in page
    size = len(json.dumps(minimal.body, indent=1))
    assert abs(size - 56_000) < 2_000
    assert abs(len(json.dumps(minimal.body, separators=(",", ":"))) - 35_000) < 1_500


def test_limits_say_how_many_tables_an_endpoint_takes() -> None:
    page = (DOCS / "limits.md").read_text(encoding="utf-8")
    for length, most in ((20, 129), (60, 85)):
        assert f"{most} with names of {length}" in page
        here = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Orders")
        policy = EndpointPolicy("AllowItemsOfRegisteredTables", DATA_PLANE, here, None)
        arns = [here.arn("dynamodb", f"table/{n:0{length}}") for n in range(most + 1)]
        for arn in arns[:most]:
            policy.allow(arn, f"{arn}/index/*")
        with pytest.raises(InvalidArgumentError):
            policy.allow(arns[most], f"{arns[most]}/index/*")


def test_example_of_company_defaults_gives_the_table_what_the_company_says(tmp_path: Path) -> None:
    app = app_with_company_defaults(str(tmp_path))
    stage = app.synth().get_nested_assembly("assembly-Production")
    (artifact,) = (each for each in stage.stacks if each.id.startswith("ProductionOrders"))
    table = Template(artifact.template)
    assert not table.of_type("AWS::Lambda::Function")
    assert {"Key": "Owner", "Value": "platform@example.com"} in table.replica()["Tags"]


def test_example_of_sharing_makes_no_function_for_a_team(stacks: Callable[[str], Stack]) -> None:
    app = App.of(stacks("Unused"))
    assert isinstance(app, App)
    environment = Environment(account="111122223333", region="eu-central-1")
    platform = PlatformStack(app, "Platform", env=environment)
    TeamStack(app, "Orders", shared=platform.shared, env=environment)
    OtherAppStack(app, "Carts", env=environment)
    assembly = app.synth()
    for name in ("Orders", "Carts"):
        assert not Template(assembly.get_stack_by_name(name).template).of_type("AWS::Lambda::Function")
    assert Template(assembly.get_stack_by_name("Platform").template).of_type("AWS::Lambda::Function")


def test_example_of_a_stream_consumer_has_no_findings_of_ours() -> None:
    template = synthesized(StreamConsumerStack)
    stack = RulesTemplate(name="Example", body=template.body, account="111122223333", region="eu-central-1")
    said = judge(Assembly([stack]))
    assert [(rule.id, each.detail) for rule, each in said if each.verdict is Verdict.NOT_MET] == []
    of_consumer = [each.detail for rule, each in said if rule.id == "SecureDdb-AUD29" and each.verdict is Verdict.MET]
    assert of_consumer == ["can read the stream", "can decrypt the stream"]
    mappings = template.of_type("AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2
    page = (DOCS / "stream-consumers.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:dynamodb|kms|sqs):\w+)`", page))
    policy = template.properties("AWS::IAM::Policy", "Indexer")["PolicyDocument"]
    assert named <= {action for each in policy["Statement"] for action in as_list(each["Action"])}


def not_met(template: Template, account: str = "111122223333") -> list[tuple[str, str]]:
    stack = RulesTemplate(name="Example", body=template.body, account=account, region="eu-central-1")
    return [(rule.id, each.detail) for rule, each in judge(Assembly([stack])) if each.verdict is Verdict.NOT_MET]


def test_example_of_another_account_names_the_role_on_both_sides() -> None:
    orders = synthesized(OrdersStack)
    statement = orders.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"][1]
    app = App()
    ReportsStack(app, "Example", env=Environment(account="444455556666", region="eu-central-1"))
    reports = Template(app.synth().get_stack_by_name("Example").template)
    role = reports.properties("AWS::IAM::Role", "Reports")["RoleName"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::444455556666:role/{role}"}
    policy = reports.properties("AWS::IAM::ManagedPolicy", "ReadOrders")["PolicyDocument"]
    table = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":dynamodb:eu-central-1:111122223333:table/orders"]]}
    assert policy["Statement"][0]["Resource"] == statement["Resource"] == table
    assert not_met(orders) == []
    assert not_met(reports, "444455556666") == []


def test_example_of_integrations_leaves_roles_what_they_are_granted() -> None:
    template = synthesized(IntegrationsStack)
    # CDK has added nothing of its own.
    assert template.of_type("AWS::IAM::Policy") == {}
    policies = template.of_type("AWS::IAM::ManagedPolicy").values()
    assert [policy["Properties"]["Roles"][0]["Ref"][:6] for policy in policies] == [
        "Resolv",
        "Workfl",
        "Export",
        "Client",
    ]
    assert template.properties("AWS::AppSync::DataSource")["DynamoDBConfig"]["TableName"] == "orders"
    assert not_met(template) == []


def test_example_of_guardrails_gives_a_role_the_boundary() -> None:
    template = synthesized(GuardrailsStack)
    boundary = template.named("AWS::IAM::ManagedPolicy", "Boundary")
    document = template.properties("AWS::IAM::ManagedPolicy", "Boundary")["PolicyDocument"]
    assert statements(document).keys() == statements(permissions_boundary()).keys()
    assert template.properties("AWS::IAM::Role", "Service")["PermissionsBoundary"] == {"Ref": boundary}


def test_example_of_guardrails_writes_a_service_control_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    write_service_control_policy(file)
    text = file.read_text(encoding="utf-8")
    assert json.loads(text) == service_control_policy(exempt_roles=EXEMPT_ROLES)
    assert len(text) <= LONGEST_SERVICE_CONTROL_POLICY


def links(document: Path) -> list[tuple[Path, str]]:
    """Return the files that a document links to, each with its anchor."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target.partition("#") for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    return [
        ((document.parent / file).resolve() if file else document, anchor)
        for file, _, anchor in targets
        if not file.startswith("https:")
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for file, anchor in links(document):
        assert file.exists(), file
        assert not anchor or anchor in anchors(file), f"{file.name}#{anchor}"


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_every_page_is_reachable_from_the_index() -> None:
    index = DOCS / "README.md"
    assert index in {file for file, _ in links(README)}
    found, to_read = {index}, [index]
    while to_read:
        linked = {file for file, _ in links(to_read.pop()) if file.is_relative_to(DOCS) and file.is_file()} - found
        found |= linked
        to_read += [file for file in linked if file.suffix == ".md"]
    assert {file for file in DOCS.glob("**/*") if file.is_file()} - found == set()


def test_readme_says_how_much_a_default_table_uses(minimal: Template) -> None:
    page = " ".join(README.read_text(encoding="utf-8").split())
    resources, alarms = len(minimal.resources), len(minimal.alarms())
    assert len(minimal.of_type("AWS::KMS::Key")) == 2
    assert f"A table with all defaults has {resources} resources, including two KMS keys and {alarms} alarms." in page
    assert f"A stack holds {500 // resources} tables with all defaults" in page


def test_settings_show_the_floors_as_they_are() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.+) \|$", page, re.MULTILINE))
    assert set(FLOORS.values()) == {field.name for field in fields(Floor)}
    for title, field in FLOORS.items():
        values = [getattr(classification.floor, field) for classification in DataClassification]
        shown = [str(value).replace("True", "yes").replace("False", "no") for value in values]
        assert rows[title] == " | ".join(shown), title


def test_every_decision_is_listed() -> None:
    folder = DOCS / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def test_alarms_of_the_audit_trail_are_explained() -> None:
    page = (DOCS / "audit-trail.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`Audit[A-Za-z]+`.*?) \|", page, re.MULTILINE)
    explained = {name for row in rows for name in row.split(", ")}
    assert explained == {
        f"`{measure.name}`" for measure in (*function_measures("function", 1), *mapping_measures("table", "mapping"))
    }
