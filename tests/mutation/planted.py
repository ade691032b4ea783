"""A pytest plugin: one module is read with the fault that the environment names, and no other."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

from mutants import mutants, mutated

_path, _, _number = os.environ["MUTANT"].rpartition(":")
_mutant = mutants(Path(_path))[int(_number)]


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The code with the fault."""
        return compile(mutated(_mutant), self.path, "exec")


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module where it lies, read by the loader above."""
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin != _path:
            return None
        spec.loader = _Loader(fullname, _path)
        return spec


sys.meta_path.insert(0, _Finder())
