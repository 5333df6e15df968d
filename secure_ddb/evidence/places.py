"""Where in an app something is: its stack, template, logical id and construct, and the tables that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.scope import Scope
    from secure_ddb.cloudformation.template import Template
    from secure_ddb.evidence.model import Location
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

# How CDK names the resource of a nested stack: beside the stack's own construct.
_NESTED = ".NestedStack"
# Where a SecureTable has the resource of its table.
_TABLE = "/Table/Resource"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is; the attributes are those of `Result`."""

    stack: str = ""
    template: str = ""
    logical_id: str = ""
    resource_type: str = ""
    construct: str = ""
    tables: tuple[str, ...] = ()
    location: Location | None = None


class Places:
    """Finds where the resources and constructs of an app are."""

    def __init__(self, assembly: Assembly, directory: Path, locations: Mapping[str, Location]) -> None:
        """Take what was read, from where, and the source locations of constructs."""
        self._assembly = assembly
        self._directory = directory.resolve()
        self._locations = locations
        # Asked for each of very many results, and slow to tell.
        self._names: dict[Scope, tuple[str, str]] = {}

    def of_resource(self, resource: Resource) -> Place:
        """Return where a resource is."""
        return self._of(resource.template, resource.logical_id, resource)

    def of_construct(self, path: str) -> Place:
        """Return where the construct with a path is; of one that is no resource, in which stack."""
        if path in self._ids:
            return self._of(*self._ids[path])
        around = path
        while around and around not in self._stacks:
            around = around.rpartition("/")[0]
        if not around:
            return Place(construct=path, location=self._locations.get(path))
        file = self.file_of(self._stacks[around])
        return Place(stack=around, template=file, construct=path, location=self._locations.get(path))

    def of_template(self, file: str, logical_id: str) -> Place | None:
        """Return where a resource is, by its template's file in the assembly; None if there is no such template."""
        template = self._files.get(file)
        return self._of(template, logical_id, template.resources.get(logical_id)) if template else None

    def is_of_app(self, path: str) -> bool:
        """Whether a construct is in a stack, or around one."""
        return bool(self.of_construct(path).stack) or any(f"{name}/".startswith(f"{path}/") for name in self._stacks)

    def is_beside_table(self, path: str) -> bool:
        """Whether a construct is where a SecureTable has its parts: in the construct around a `TableV2`."""
        return self._table_around(path) is not None

    def table_id(self, table: Table) -> str:
        """Return the `TableFacts.id` of a table."""
        resource = table.resource
        path = self._path(resource.template, resource.logical_id)
        return path or f"{self.file_of(resource.template)}/{resource.logical_id}"

    def stack_of(self, template: Scope) -> str:
        """Return the construct path of a template's stack."""
        if template.parent is None:
            return template.name
        path = self._path(template.parent, template.parent_resource).rpartition("/")[0]
        return path.removesuffix(_NESTED) if path.endswith(_NESTED) else template.name

    def file_of(self, template: Scope) -> str:
        """Return the name of a template's file in the assembly."""
        file = Path(template.file).resolve()
        return file.relative_to(self._directory).as_posix() if file.is_relative_to(self._directory) else template.file

    def _of(self, template: Scope, logical_id: str, resource: Resource | None = None) -> Place:
        path = self._path(template, logical_id)
        if template not in self._names:
            self._names[template] = (self.stack_of(template), self.file_of(template))
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
        """Return the tables that a resource serves; what only a SecureTable knows serves the table of that."""
        around = self._table_around(path)
        return (self._tables.get(resource, ()) if resource else ()) or ((around,) if around else ())

    def _path(self, template: Scope, logical_id: str) -> str:
        return self._assembly.paths.get((template.file, logical_id), "")

    def _table_around(self, path: str) -> str | None:
        """Return the `TableFacts.id` of the table whose SecureTable a construct is in."""
        around = path.rpartition("/")[0]
        while around and around not in self._around_tables:
            around = around.rpartition("/")[0]
        return self._around_tables.get(around)

    @cached_property
    def _around_tables(self) -> dict[str, str]:
        """The paths of what may be a SecureTable, to its table: its template need not say so."""
        ids = map(self.table_id, self._assembly.tables)
        return {name.removesuffix(_TABLE): name for name in ids if name.endswith(_TABLE)}

    @cached_property
    def _stacks(self) -> dict[str, Scope]:
        return {self.stack_of(template): template for template in self._assembly.templates}

    @cached_property
    def _files(self) -> dict[str, Template]:
        return {self.file_of(template): template for template in self._assembly.templates}

    @cached_property
    def _ids(self) -> dict[str, tuple[Scope, str, Resource | None]]:
        templates = {template.file: template for template in self._assembly.templates}
        return {
            path: (templates[file], logical_id, templates[file].resources.get(logical_id))
            for (file, logical_id), path in self._assembly.paths.items()
            if file in templates
        }

    @cached_property
    def _tables(self) -> dict[Resource, tuple[str, ...]]:
        own = {table.resource: (self.table_id(table),) for table in self._assembly.tables}
        serving = self._assembly.taggable_resources.items()
        return {**{each: tuple(map(self.table_id, tables)) for each, tables in serving}, **own}
