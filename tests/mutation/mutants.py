"""Small faults planted in a module: what one slip of a hand would make of it."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}
_NAMED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SAID_ANYWAY = {("zip", "strict", False), ("sorted", "reverse", False)}
"""Keywords that say what a built-in function does without them."""
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WORD = re.compile(r"[\w.$*-]+")


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        path: The module.
        number: Its place among the faults of the module.
        line: Where it is.
        last_line: Where the changed expression ends.
        function: Name and first line of the outermost function around it; None outside of functions.
        before: The code.
        after: What it becomes.
    """

    path: Path
    number: int
    line: int
    last_line: int
    function: tuple[str, int] | None
    before: str
    after: str


def mutants(path: Path) -> list[Mutant]:
    """All faults of a module, in order."""
    tree = ast.parse(path.read_text("utf-8"))
    found = []
    for number, (spot, new, function) in enumerate(_faults(tree)):
        before, after = ast.unparse(spot.node), ast.unparse(new)
        end = spot.node.end_lineno or spot.node.lineno
        found.append(Mutant(path, number, spot.node.lineno, end, function, before, after))
    return found


def mutated(mutant: Mutant) -> ast.Module:
    """The module with that fault; all lines keep their numbers."""
    tree = ast.parse(mutant.path.read_text("utf-8"))
    for number, (spot, new, _) in enumerate(_faults(tree)):
        if number == mutant.number:
            spot.put(ast.fix_missing_locations(ast.copy_location(new, spot.node)))
            return tree
    raise LookupError(mutant)


# --- where, and what instead -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Spot:
    """A node, and where it hangs."""

    parent: ast.AST
    name: str
    index: int | None
    node: ast.expr | ast.stmt

    def put(self, new: ast.AST) -> None:
        """Put another node there."""
        if self.index is None:
            setattr(self.parent, self.name, new)
        else:
            getattr(self.parent, self.name)[self.index] = new


_Around = tuple[str, int] | None


def _faults(tree: ast.Module) -> Iterator[tuple[_Spot, ast.expr | ast.stmt, _Around]]:
    for spot, function in _spots(tree, None):
        for new in _instead(spot):
            yield spot, new, function


def _spots(parent: ast.AST, function: _Around) -> Iterator[tuple[_Spot, _Around]]:
    for name, value in ast.iter_fields(parent):
        # Types, decorators and defaults are judged by mypy, or when the module is read.
        if name in ("annotation", "returns", "decorator_list", "args") and not isinstance(parent, ast.Call):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST):
                if isinstance(node, (ast.expr, ast.stmt)):
                    yield _Spot(parent, name, index, node), function
                # A decorated function begins, for Python, where its first decorator does.
                own = _first(node) if isinstance(node, _DEFS) and function is None else function
                yield from _spots(node, own)


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, int]:
    return node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _instead(spot: _Spot) -> Iterator[ast.expr | ast.stmt]:
    node = spot.node
    if isinstance(node, ast.stmt):
        yield from _statements(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Constant):
        yield from _constants(spot, node)
    else:
        yield from _expressions(node)
    if isinstance(spot.parent, ast.comprehension) and spot.name == "ifs":
        yield ast.Constant(True)


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(value=ast.Constant(None))
    called = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Yield, ast.YieldFrom))
    stored = isinstance(node, ast.Assign) and all(isinstance(t, (ast.Attribute, ast.Subscript)) for t in node.targets)
    if called or stored or isinstance(node, (ast.AugAssign, ast.Delete, ast.Continue, ast.Break, ast.Raise)):
        yield ast.Pass()
    if _is_named(getattr(node, "test", None), "TYPE_CHECKING"):
        return
    if isinstance(node, (ast.If, ast.While)) and not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        new = copy.copy(node)
        new.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
        yield new


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    if _is_called(node, "cast", "TypeVar"):
        return
    for place in range(len(node.keywords)):
        if node.keywords[place].arg is not None and not _is_said_anyway(node.func, node.keywords[place]):
            new = copy.copy(node)
            new.keywords = node.keywords[:place] + node.keywords[place + 1 :]
            yield new
    if len(node.args) > 1 and not any(isinstance(arg, ast.Starred) for arg in node.args[:2]):
        new = copy.copy(node)
        new.args = [node.args[1], node.args[0], *node.args[2:]]
        yield new
    if isinstance(node.func, ast.Name) and node.func.id in _NAMED:
        new = copy.copy(node)
        new.func = ast.Name(id=_NAMED[node.func.id], ctx=ast.Load())
        yield new


def _constants(spot: _Spot, node: ast.Constant) -> Iterator[ast.expr]:
    """Numbers, truths, and words that mean something to the program; sentences for people stay."""
    if isinstance(spot.parent, (ast.Expr, ast.JoinedStr)) or _is_called(spot.parent, "cast", "TypeVar"):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str) and (not node.value or _WORD.fullmatch(node.value)):
        yield ast.Constant(f"{node.value}X")


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        ops = [_COMPARED[type(node.ops[0])](), *node.ops[1:]]
        yield ast.Compare(left=node.left, ops=ops, comparators=node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(op=ast.Or() if isinstance(node.op, ast.And) else ast.And(), values=node.values)
        for place in range(len(node.values)):
            left = node.values[:place] + node.values[place + 1 :]
            yield left[0] if len(left) == 1 else ast.BoolOp(op=node.op, values=left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield ast.BinOp(left=node.left, op=_COUNTED[type(node.op)](), right=node.right)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_called(node: ast.AST, *names: str) -> bool:
    """Whether this is a call of one of these; what `cast` and `TypeVar` are given is for the type checker alone."""
    return isinstance(node, ast.Call) and _is_named(node.func, *names)


def _is_named(node: ast.AST | None, *names: str) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _is_said_anyway(function: ast.expr, keyword: ast.keyword) -> bool:
    value = keyword.value
    return isinstance(value, ast.Constant) and any(
        _is_named(function, name) and (keyword.arg, value.value) == (arg, default)
        for name, arg, default in _SAID_ANYWAY
    )
