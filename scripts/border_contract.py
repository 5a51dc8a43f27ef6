"""A contract for import-linter: what of a context others may import."""

from __future__ import annotations

from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output


class BorderContract(Contract):
    """Contexts import only the open parts of each other.

    contexts : packages below the root; `free` ones may import everything (wiring)
    open_parts : first names below a context that others may import, such as `queries`
    open_modules : further modules that others may import
    """

    type_name = "border"
    contexts = fields.ListField(subfield=fields.StringField())
    free = fields.ListField(subfield=fields.StringField(), required=False)
    open_parts = fields.ListField(subfield=fields.StringField())
    open_modules = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Find the imports that cross a border at a closed part."""
        crossings = sorted(
            (importer, imported)
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if self._crosses(importer, imported)
        )
        return ContractCheck(kept=not crossings, metadata={"crossings": crossings})

    def _crosses(self, importer: str, imported: str) -> bool:
        ours, theirs = _context(importer), _context(imported)
        contexts: list[Any] = self.contexts  # type: ignore[assignment]
        free: list[Any] = self.free or []  # type: ignore[assignment]
        if ours == theirs or theirs not in contexts or ours in free or ".tests" in importer:
            return False
        return not self._is_open(imported)

    def _is_open(self, imported: str) -> bool:
        parts: list[Any] = self.open_parts  # type: ignore[assignment]
        modules: list[Any] = self.open_modules or []  # type: ignore[assignment]
        return imported in modules or imported.split(".")[2:3] in [[part] for part in parts]

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports."""
        for importer, imported in check.metadata["crossings"]:
            output.print_error(f"{importer} imports {imported}")


def _context(module: str) -> str:
    return ".".join(module.split(".")[:2])
