"""Templates are read as CloudFormation reads them, and what is none is refused with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secure_ddb.cloudformation import yaml_template as yaml_templates
from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.cloudformation.written_template import TemplateError

TABLE = {"Type": "AWS::DynamoDB::Table"}


def parsed(text: str, file: str = "orders.yaml") -> Any:
    return parse_template(text.encode(), file).body


def value(text: str) -> Any:
    """Return what a value in YAML stands for."""
    return parsed(f"Resources: {{}}\nOutputs:\n  It:\n    Value: {text}\n")["Outputs"]["It"]["Value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Table.Arn", {"Fn::GetAtt": ["Table", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!GetAtt [Table, Arn]", {"Fn::GetAtt": ["Table", "Arn"]}),
        ("!Sub '${Table.Arn}/*'", {"Fn::Sub": "${Table.Arn}/*"}),
        ("!Sub ['${A}', {A: !Ref Table}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "Table"}}]}),
        (
            "!Join ['/', [!GetAtt Table.Arn, !Select [0, !GetAZs '']]]",
            {"Fn::Join": ["/", [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]]},
        ),
        ("!If [IsProd, !ImportValue key, !Ref AWS::NoValue]", None),
        ("!FindInMap [Keys, !Ref AWS::Region, Arn]", {"Fn::FindInMap": ["Keys", {"Ref": "AWS::Region"}, "Arn"]}),
        ("!Split [',', !Base64 a]", {"Fn::Split": [",", {"Fn::Base64": "a"}]}),
        ("{Fn::Not: [!Equals [a, !Ref B]]}", {"Fn::Not": [{"Fn::Equals": ["a", {"Ref": "B"}]}]}),
        ("!Sub 12", {"Fn::Sub": "12"}),
    ],
)
def test_short_forms_are_functions(text: str, expected: Any) -> None:
    whole = {"Fn::If": ["IsProd", {"Fn::ImportValue": "key"}, {"Ref": "AWS::NoValue"}]}
    assert value(text) == (expected or whole)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2012-10-17", "2012-10-17"),
        ("2012-10-17T10:00:00Z", "2012-10-17T10:00:00Z"),
        ("365", 365),
        ("-1", -1),
        ("0.5", 0.5),
        ("010122223333", "010122223333"),
        ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("true", True),
        ("No", False),
        ("'true'", "true"),
        ("~", None),
        ("", None),
        ("o-exampleorgid", "o-exampleorgid"),
        ("=", "="),
    ],
)
def test_scalars_are_what_json_would_have(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_keys_are_text_also_where_yaml_has_another_type() -> None:
    assert value("{1: a, yes: b, 2012-10-17: c}") == {"1": "a", "yes": "b", "2012-10-17": "c"}


def test_aliases_and_merged_keys_stand_for_what_they_name() -> None:
    body = parsed(
        "Resources: {}\nMappings:\n  A: &a {x: 1, y: 2}\n  B: {<<: *a, y: 3}\n  C: {<<: [*a, {x: 9, z: 4}]}\n"
    )
    assert body["Mappings"]["B"] == {"x": 1, "y": 3}
    assert body["Mappings"]["C"] == {"x": 1, "y": 2, "z": 4}


def test_yaml_and_json_of_the_same_template_are_the_same() -> None:
    template = {
        "Resources": {"Table": {**TABLE, "Properties": {"Text": 'a "b": {\n', "Numbers": [1, 2.5, None, True]}}}
    }
    text = json.dumps(template, indent=2)
    assert parsed(text, "orders.json") == parsed(text, "orders.yaml") == template


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("file", ["orders.json", "orders.yaml"])
def test_lines_of_resources_are_known(indent: int | None, file: str) -> None:
    resources = {
        "Other": {**TABLE, "Metadata": {"Table": {}, "Resources": {"Table": {}}}},
        "Table": TABLE,
        'a"b': TABLE,
    }
    template = {"Metadata": {"Table": {}}, "Resources": resources, "Outputs": {"Table": {"Value": "x"}}}
    text = "\n" + json.dumps(template, indent=indent)
    lines = parse_template(text.encode(), file).lines
    assert lines.keys() == resources.keys()
    split = text.splitlines()
    for name, line in lines.items():
        assert f"{json.dumps(name)}: {{" in split[line - 1]
    assert len(set(lines.values())) == (1 if indent is None else 3)
    if indent:
        assert split[lines["Table"] - 1] == f"{' ' * indent * 2}{json.dumps('Table')}: {{"
        assert split[lines["Table"]].strip() == '"Type": "AWS::DynamoDB::Table"'


def test_lines_of_resources_in_yaml_are_known() -> None:
    text = "Outputs:\n  Table: {Value: x}\nResources:\n  # first\n  Table:\n    Type: A\n  Other: {Type: B}\n"
    assert parse_template(text.encode(), "-").lines == {"Table": 5, "Other": 7}


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ("", "a.json", "a.json: empty"),
        (" \n", "a.yaml", "a.yaml: empty"),
        ("# nothing\n", "a.yaml", "a.yaml: no CloudFormation template: it has no Resources"),
        ("[]", "a.json", "a.json: no CloudFormation template: it has no Resources"),
        ('{"name": "app"}', "package.json", "package.json: no CloudFormation template: it has no Resources"),
        ('{"Resources": {}\n,}', "a.json", "a.json:2: not JSON: "),
        ("Resources:\n\tTable: {}\n", "a.yaml", "a.yaml:2: not YAML: "),
        ("Resources: {\n", "a.yaml", "a.yaml:2: not YAML: "),
        ("Resources: {}\n---\nResources: {}\n", "a.yaml", "a.yaml:2: not YAML: "),
        ("Resources: *nothing\n", "a.yaml", "a.yaml:1: not YAML: "),
        ("Resources: {}\n# \x01\n", "a.yaml", "a.yaml:2: not YAML: "),
        ("Resources: []\n", "a.yaml", "a.yaml: Resources is no object of names to what they stand for"),
        ("Resources:\n  Table: x\n", "a.yaml", "a.yaml:2: resource Table has no Type"),
        ('{"Resources": {\n"Table": {"Type": 1}}}', "a.json", "a.json:2: resource Table has no Type"),
        ("Resources: {}\nOutputs: {A: x}\n", "a.yaml", "a.yaml: output A is no object with a Value"),
        ("Resources:\n  A: {Type: T}\n  A: {Type: T}\n", "a.yaml", "a.yaml:3: the key 'A' stands twice in one object"),
        (
            '{"Resources":\n{"A": {"Type": "T"},\n"A": {"Type": "T"}}}',
            "a.json",
            "a.json:3: the key 'A' stands twice in one object",
        ),
        ("Resources:\n  A: {Type: T, Tags: !Foo x}\n", "a.yaml", "a.yaml:2: CloudFormation has no function !Foo"),
        (
            "Resources:\n  A: {Type: T, Tags: !!python/object/apply:os.system [x]}\n",
            "a.yaml",
            "a.yaml:2: CloudFormation has no tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("Resources:\n  A: {Type: T, Tags: !!set {x}}\n", "a.yaml", "a.yaml:2: CloudFormation has no tag"),
        ("Resources:\n  A: {Type: T, Tags: !<x> y}\n", "a.yaml", "a.yaml:2: CloudFormation has no tag x"),
        ("Resources:\n  A: {Type: T, ? [a] : x}\n", "a.yaml", "a.yaml:2: a key is no text"),
        ("Resources:\n  A: &a {Type: T, Tags: *a}\n", "a.yaml", "a.yaml: an alias refers to itself, or"),
        (f'{{"Resources": {"[" * 100_000}', "a.json", "a.json: nested too deeply"),
        (f"Resources: {'[' * 100_000}", "a.yaml", "a.yaml:1: nested too deeply"),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(text: str, file: str, said: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parse_template(text.encode(), file)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_what_is_no_text_is_refused_with_its_line() -> None:
    with pytest.raises(TemplateError, match=r"^a\.yaml:2: not text in UTF-8$"):
        parse_template(b"Resources:\n  A: \xff\xfe\n", "a.yaml")


def test_a_byte_order_mark_is_no_content() -> None:
    mark = b"\xef\xbb\xbf"
    assert parse_template(mark + b"Resources: {}", "a.yaml").body == {"Resources": {}}
    # With the mark as its first character it would be read as YAML, which takes the comma.
    with pytest.raises(TemplateError, match="not JSON"):
        parse_template(mark + b'{"Resources": {},}', "a.json")


def test_yaml_may_begin_with_a_brace() -> None:
    assert parsed("{Resources: {A: {Type: T}}}", "a.yml") == {"Resources": {"A": {"Type": "T"}}}


def test_few_lines_that_stand_for_very_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_templates, "_MOST_VALUES", 1000)
    levels = "".join(f"  L{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(TemplateError, match="its aliases make more of it than CloudFormation takes"):
        parsed(f"Resources: {{}}\nMappings:\n  L0: &l0 [x]\n{levels}")


def test_sections_without_content_are_none() -> None:
    assert parsed("Resources: {}\nOutputs:\nParameters: ~\n") == {"Resources": {}}


def test_a_stack_of_the_cdk_without_resources_is_a_template() -> None:
    text = '{"Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}}}'
    assert parsed(text, "a.json").keys() == {"Parameters"}


def test_loops_of_the_language_extensions_are_no_resources_without_type() -> None:
    text = "Resources:\n  Fn::ForEach::Tables: [Name, [A, B], {'T${Name}': {Type: T}}]\n"
    assert list(parsed(text)["Resources"]) == ["Fn::ForEach::Tables"]
