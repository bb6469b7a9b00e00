"""Help in the editor: the JSON schema refuses exactly what the reader of mappings refuses for its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from gateway.cli import gateway as command
from gateway.mapping.filters import catalogue
from gateway.mapping.limits import NAMES
from gateway.mapping.reader import document
from gateway.mapping.reader.jsonschema import MODELINE, as_text, mapping_schema
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.schema import check_shape
from gateway.pipeline.beside import BESIDE

ROOT = Path(__file__).parent.parent
SHIPPED = sorted(path for path in (ROOT / "mappings").glob("*.yaml") if path.name not in BESIDE)
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8"), re.DOTALL)
BROKEN = sorted((ROOT / "tests" / "problems").glob("*.yaml"))

VALIDATOR = Draft7Validator(mapping_schema())


class Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `yes` and 2026-10-01 are texts, true and 12 are not; keys are texts.

    One liberty: the words `null` and `~` are texts, as to the reader, who refuses them for what they say.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way to begin anew.

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        del deep
        return {str(key.value): self.construct_object(value, deep=True) for key, value in node.value}


for kind, written in {
    "null": "",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
}.items():
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{written})$"), None)


def accepted_by_editor(text: str) -> bool | None:
    """Whether an editor finds nothing wrong; None when it cannot read the text."""
    try:
        return VALIDATOR.is_valid(yaml.load(text, Editor))
    except (yaml.YAMLError, ValueError):
        return None


def accepted_by_reader(text: str) -> bool | None:
    """Whether our own check of the shape alone finds nothing wrong; None when there is no whole tree to check."""
    problems = Problems("")
    root = document.read(text, problems)
    if root is None or not root.table or problems.found:
        return None
    check_shape(root, problems)
    return not problems.found


def verdicts(text: str | None) -> tuple[bool | None, bool | None]:
    """What the reader and an editor say of a file; None twice when one of them cannot read it."""
    found = (accepted_by_reader(text), accepted_by_editor(text)) if text is not None else (None, None)
    return (None, None) if None in found else found


def broken(path: Path) -> str | None:
    return document.decode(path.read_bytes(), Problems(""))


def test_the_schema_beside_the_mappings_is_the_one_that_is_generated() -> None:
    written = (ROOT / "mappings" / "schema.json").read_text(encoding="utf-8")

    assert written == as_text(), "the shapes have changed; run `gateway schema --write`"


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(mapping_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_mapping_names_the_schema_in_its_first_line_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.splitlines()[0] == MODELINE
    assert [error.message for error in VALIDATOR.iter_errors(yaml.load(text, Editor))] == []


@pytest.mark.parametrize("text", DOCUMENTED)
def test_every_documented_mapping_fits_the_schema(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.load(text, Editor))] == []


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_in_the_editor_if_its_mistake_is_one_of_shape(path: Path) -> None:
    reader, editor = verdicts(broken(path))

    assert reader == editor


def test_enough_broken_files_are_left_to_tell() -> None:
    found = [verdicts(broken(path))[0] for path in BROKEN]

    assert found.count(False) >= 15
    assert found.count(True) >= 30


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside a tree."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield (*path, step)
        yield from _paths(each, (*path, step))


class Plain(yaml.SafeDumper):
    """Writes texts as they are typed, and what is missing as a blank."""

    yaml_implicit_resolvers: dict[str, Any] = {"": [("tag:yaml.org,2002:null", re.compile("$"))]}  # noqa: RUF012 - as above.

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


Plain.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))


SENDING = """\
source: website
fields:
  phone: phone
rules:
  - name: Everyone
    if_uncertain: send again
    call:
      campaignName: price_list
    follow_ups:
      - after: 1 day at 10:00
        unless:
          - replied
        without_receipts: send
        campaignName: reminder
limits:
  send_between: 09:00-20:00
  no_more_than: 2 per person per day
  too_old:
    after: 24 hours
    campaignName: late
  consent: phone
"""
GOOD = (SENDING, *DOCUMENTED, *(path.read_text("utf-8") for path in SHIPPED))
TREES = [yaml.load(text, yaml.BaseLoader) for text in GOOD]
WORDS = (
    *("call", "skip", "name", "any", "not", "or", "given", "is", "from", "tag", "when", "titel", "source"),
    *("limits", "too_old", "consent", "follow_ups", "after", "unless", "if_uncertain"),
)
SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [None, "yes", "No", "true", "keep", "12", "0123", "2026-10-01", "x", ""]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good mapping in which one value is another one, or has one key more or less."""
    tree = parent = json.loads(json.dumps(draw(st.sampled_from(TREES))))
    *way, last = draw(st.sampled_from(list(_paths(tree))))
    for step in way:
        parent = parent[step]
    change = draw(st.sampled_from(["replace", "drop", "add"]))
    if change == "drop":
        del parent[last]
    elif change == "add" and isinstance(parent[last], dict):
        parent[last][draw(st.sampled_from(WORDS))] = draw(VALUES)
    else:
        parent[last] = draw(VALUES)
    return yaml.dump(tree, Dumper=Plain, allow_unicode=True, sort_keys=False)


@settings(deadline=None)  # The machine may be busy with other tests.
@given(mutated())
def test_whatever_is_changed_in_a_good_mapping_reader_and_editor_agree(text: str) -> None:
    reader, editor = verdicts(text)

    assert reader == editor, text


def _keys(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for inner in schema.values():
            yield from _keys(inner)


def test_every_key_says_what_it_is_for() -> None:
    silent = [key for key, schema in _keys(mapping_schema()) if schema is not False and not schema.get("description")]

    assert silent == []


def test_the_filters_are_offered_where_they_may_stand() -> None:
    field = mapping_schema()["properties"]["fields"]["additionalProperties"]
    offered = field["properties"]["filters"]["items"]["examples"]

    assert {text.partition(" ")[0] for text in offered} == {entry.name for entry in catalogue()}
    assert all(entry.name in field["description"] for entry in catalogue())


def test_every_limit_has_its_key() -> None:
    assert set(NAMES) == mapping_schema()["properties"]["limits"]["properties"].keys()


def test_the_schema_is_printed_and_written_beside_the_mappings(tmp_path: Path) -> None:
    runner = CliRunner(env={"GATEWAY_MAPPINGS": str(tmp_path)})

    printed = runner.invoke(command, ["schema"])
    written = runner.invoke(command, ["schema", "--write"])

    assert (printed.exit_code, printed.output) == (0, as_text())
    assert written.exit_code == 0
    assert MODELINE in written.output
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == as_text()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner(env={"GATEWAY_MAPPINGS": str(tmp_path / "nowhere")}).invoke(command, ["schema", "--write"])

    assert result.exit_code == 2
    assert f"There is no folder {tmp_path}/nowhere" in result.output
