"""The place of something in an app: its stack, template, logical id and construct, and the tables that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.table_evidence import CONSTRUCT_KEY

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.scope import Scope
    from secure_ddb.cloudformation.template import Template
    from secure_ddb.evidence.model import Location
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

# CDK's name of a nested stack's resource, next to the stack's own construct.
_NESTED = ".NestedStack"
# Where a SecureTable has the resource of its table.
TABLE_WITHIN = "/Table/Resource"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place; the attributes are those of `Result`."""

    stack: str = ""
    template: str = ""
    logical_id: str = ""
    resource_type: str = ""
    construct: str = ""
    tables: tuple[str, ...] = ()
    location: Location | None = None


class Places:
    """Finds the places of resources and constructs."""

    def __init__(self, assembly: Assembly, directory: Path, locations: Mapping[str, Location]) -> None:
        """Store the templates, the directory that they were read from, and the source locations of constructs."""
        self._assembly = assembly
        self._directory = directory.resolve()
        self._locations = locations

    def of_resource(self, resource: Resource) -> Place:
        """Return the place of a resource."""
        return self._of(resource.template, resource.logical_id, resource)

    def of_construct(self, path: str) -> Place:
        """Return the place of the construct with a path; if it is not a resource, only its stack is known."""
        if path in self._ids:
            template, logical_id = self._ids[path]
            return self._of(template, logical_id, template.resources.get(logical_id))
        stack = _innermost(path, self._stacks)
        file = self.file_of(self._stacks[stack]) if stack else ""
        return Place(stack=stack, template=file, construct=path, location=self._locations.get(path))

    def of_template(self, file: str, logical_id: str) -> Place | None:
        """Return the place of a resource by its template's file in the assembly; None if there is no such template."""
        template = next((each for each in self._assembly.templates if self.file_of(each) == file), None)
        return self._of(template, logical_id, template.resources.get(logical_id)) if template else None

    def is_of_app(self, path: str) -> bool:
        """Return whether a construct is in a stack, or around one."""
        return bool(self.of_construct(path).stack) or any(f"{name}/".startswith(f"{path}/") for name in self._stacks)

    def is_part_of_table(self, path: str) -> bool:
        """Return whether a construct is this library's: part of a table, shared by tables, or separate from them."""
        made = (*self._shared, *self._beside_tables)
        return bool(self._table_around(path) or any(path.startswith(f"{each}/") for each in made))

    def table_id(self, table: Table) -> str:
        """Return the `TableFacts.id` of a table."""
        resource = table.resource
        path = self._path(resource.template, resource.logical_id) or resource.construct_path
        return path or f"{self.file_of(resource.template)}/{resource.logical_id}"

    def stack_of(self, template: Scope) -> str:
        """Return the construct path of a template's stack."""
        return self._names[template][0]

    def file_of(self, template: Scope) -> str:
        """Return the name of a template's file in the assembly."""
        return self._names[template][1]

    def _of(self, template: Scope, logical_id: str, resource: Resource | None) -> Place:
        path = self._path(template, logical_id) or (resource.construct_path if resource else "")
        stack, file = self._names[template]
        return Place(
            stack=stack,
            template=file,
            logical_id=logical_id,
            resource_type=resource.type if resource else "",
            construct=path,
            tables=self._tables_of(path, resource),
            location=self._locations.get(path),
        )

    def _tables_of(self, path: str, resource: Resource | None) -> tuple[str, ...]:
        """Return the tables that a resource serves; a resource of a SecureTable serves at least the table of that."""
        around = self._table_around(path)
        return (self._tables.get(resource, ()) if resource else ()) or ((around,) if around else ())

    def _path(self, template: Scope, logical_id: str) -> str:
        return self._assembly.paths.get((template.file, logical_id), "")

    def _table_around(self, path: str) -> str:
        """Return the `TableFacts.id` of the table of the SecureTable around a construct, or an empty string."""
        return self._around_tables.get(_innermost(path.rpartition("/")[0], self._around_tables), "")

    @cached_property
    def _shared(self) -> set[str]:
        """The paths of the `SharedResources` that tables of the app say they use."""
        return {
            stated for table in self._assembly.tables if (stated := table.stated_value("settings", "shared_resources"))
        }

    @cached_property
    def _beside_tables(self) -> set[str]:
        """The paths of constructs of this library that are no tables, such as a `Containment`."""
        stated = (name for template in self._assembly.templates for name in template.body.get("Metadata", {}))
        return {path for kind, _, path in (name.partition("/") for name in stated) if kind == CONSTRUCT_KEY}

    @cached_property
    def _around_tables(self) -> dict[str, str]:
        """The paths of constructs that may be a SecureTable, or are TableControls, to their table.

        Of a SecureTable a template need not say so.
        """
        ids = {self.table_id(table): table for table in self._assembly.tables}
        controls = {str(path): name for name, table in ids.items() if (path := table.evidence.get("controls"))}
        return controls | {name.removesuffix(TABLE_WITHIN): name for name in ids if name.endswith(TABLE_WITHIN)}

    @cached_property
    def _names(self) -> dict[Scope, tuple[str, str]]:
        """Stack and file of each template: asked for each of many results, and slow to find."""
        return {each: (self._name(each), self._file(each)) for each in self._assembly.templates}

    def _name(self, template: Scope) -> str:
        if template.parent is None:
            return template.name
        path = self._path(template.parent, template.parent_resource).rpartition("/")[0]
        return path.removesuffix(_NESTED) if path.endswith(_NESTED) else template.name

    def _file(self, template: Scope) -> str:
        file = Path(template.file).resolve()
        return file.relative_to(self._directory).as_posix() if file.is_relative_to(self._directory) else template.file

    @cached_property
    def _stacks(self) -> dict[str, Scope]:
        return {stack: template for template, (stack, _) in self._names.items()}

    @cached_property
    def _ids(self) -> dict[str, tuple[Template, str]]:
        templates = {template.file: template for template in self._assembly.templates}
        paths = self._assembly.paths.items()
        return {path: (templates[file], logical_id) for (file, logical_id), path in paths if file in templates}

    @cached_property
    def _tables(self) -> dict[Resource, tuple[str, ...]]:
        own = {table.resource: (self.table_id(table),) for table in self._assembly.tables}
        serving = self._assembly.taggable_resources.items()
        return {**{each: tuple(map(self.table_id, tables)) for each, tables in serving}, **own}


def around(construct: str) -> Iterator[str]:
    """Yield the paths of the constructs around one, the nearest first."""
    while "/" in construct:
        construct = construct.rpartition("/")[0]
        yield construct


def _innermost(construct: str, known: Container[str]) -> str:
    """Return a construct, or the nearest one around it that is known; empty if none is."""
    return next((path for path in (construct, *around(construct)) if path in known), "")
