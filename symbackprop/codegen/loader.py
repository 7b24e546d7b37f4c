"""A generated module, imported from its text."""

from __future__ import annotations

import linecache
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from itertools import count
from types import CodeType, ModuleType

_COUNT = count(1)


class _TextLoader(InspectLoader):
    """Loads a module from a string; tracebacks find its lines through get_source."""

    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path

    def get_source(self, fullname: str) -> str:
        """The text."""
        return self.source

    def get_code(self, fullname: str) -> CodeType:
        """The code object, which names the path that linecache knows."""
        return self.source_to_code(self.source, self.path)

    def is_package(self, fullname: str) -> bool:
        """It is a plain module."""
        return False


def imported(source: str, name: str) -> ModuleType:
    """The module with that text; a traceback shows its lines."""
    path = f"<symbackprop {name} {next(_COUNT)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    loader = _TextLoader(source, path)
    module = module_from_spec(ModuleSpec(name, loader, origin=path))
    loader.exec_module(module)
    return module


def added(module: ModuleType, source: str) -> None:
    """Run more text in a module; a traceback shows its lines."""
    path = f"<symbackprop {module.__name__} {next(_COUNT)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    _TextLoader(source, path).exec_module(module)


__all__ = ["added", "imported"]
