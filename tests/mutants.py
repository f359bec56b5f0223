"""Changes one operator or number of a module at a time, and counts how often the tests notice.

Neither tool of the field fits. mutmut 3 changes nothing outside of functions, where tables, limits
and SQL stand here. cosmic-ray writes changed files into the tree, needs a configuration for each
module, and starts Python anew for each mutant. Neither draws a sample.

A mutant exists only in the memory of a forked process: no file changes, and processes that tests
start do not see it. Its tests (``tests/mutants_covered.py``) run on SQLite until the first failure.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.mutants_covered import COVERED_BY

assert sys.platform != "win32", "mutants need a system that can fork"

#: A plain ``assert`` needs no rewriting of tests and plugins, which takes longer than most tests.
_PYTEST: Final = (
    *("-x", "-q", "-p", "no:cacheprovider", "--assert=plain"),
    *("-k", "not postgresql", "--hypothesis-seed=0"),
)
#: Packages that are slow to import. They are imported once, before the forks.
_SLOW: Final = ("alembic.command", "hypothesis", "numpy", "psycopg", "rich.progress")
_SEED: Final = "strava-ingest"
#: Number of mutants that are tried of each module if none is named.
_SAMPLE: Final = 10
#: Share of mutants that the tests must notice.
_ENOUGH: Final = 0.9
#: Seconds after which tests are ended that wait forever; the mutant counts as noticed.
_LONGEST_S: Final = 900
#: What each operator is replaced by.
_OTHERS: Final[dict[type[ast.AST], tuple[type[ast.AST], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.USub: (ast.UAdd,),
}


class Mutant(NamedTuple):
    """One change of a module: where, what, and how to make it in the syntax tree."""

    line: int
    change: str
    apply: Callable[[], None]


def mutants(tree: ast.Module) -> list[Mutant]:
    """Every change of this syntax tree, by line."""
    without_value = {id(below) for part in _without_value(tree) for below in ast.walk(part)}
    nodes = [node for node in ast.walk(tree) if id(node) not in without_value]
    found = (Mutant(getattr(n, "lineno", 0), *change) for n in nodes for change in _changes(n))
    return sorted(found, key=lambda mutant: mutant[:2])


def _without_value(tree: ast.Module) -> Iterator[ast.AST]:
    """Parts that change no value: types, options of dataclasses, ``strict`` of ``zip``."""
    for node in ast.walk(tree):
        parts = (getattr(node, name, None) for name in ("annotation", "returns"))
        yield from (part for part in parts if part is not None)
        yield from getattr(node, "decorator_list", ())
        if isinstance(node, ast.keyword) and node.arg == "strict":
            yield node


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Compare(ops=operators):
            for at, old in enumerate(operators):
                for new in _OTHERS[type(old)]:
                    yield _named(old, new), partial(operators.__setitem__, at, new())
        case ast.UnaryOp(op=ast.Not()) | ast.If() | ast.IfExp() | ast.While():
            name = "operand" if isinstance(node, ast.UnaryOp) else "test"
            condition = getattr(node, name)
            # Other conditions have an operator of their own, which is changed.
            if not isinstance(condition, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
                negated = ast.UnaryOp(op=ast.Not(), operand=condition)
                yield f"{ast.unparse(condition)} negated", partial(setattr, node, name, negated)
        case ast.BinOp(op=old) | ast.BoolOp(op=old) | ast.UnaryOp(op=old):
            for new in _OTHERS.get(type(old), ()):
                yield _named(old, new), partial(setattr, node, "op", new())
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", partial(setattr, node, "value", not value)
        case ast.Constant(value=int(value) | float(value)):
            for other in (value + 1, value - 1):
                yield f"{value} -> {other}", partial(setattr, node, "value", other)


def _named(old: ast.AST, new: type[ast.AST]) -> str:
    return f"{type(old).__name__} -> {new.__name__}"


def _tests(module: str, tree: ast.Module, mutant: Mutant | None, cpu_s: int) -> tuple[int, float]:
    """The status of a module's tests in a process of their own (0: passed), and its CPU seconds."""
    if (process := os.fork()) == 0:
        status = 1
        try:
            signal.alarm(_LONGEST_S)
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
            if mutant is not None:
                mutant.apply()
            _replace(module, tree)
            status = pytest.main([*_PYTEST, *COVERED_BY[module]])
        finally:
            os._exit(status)
    _, status, usage = os.wait4(process, 0)
    return status, usage.ru_utime + usage.ru_stime


def _replace(module: str, tree: ast.Module) -> None:
    """Let a module be imported from its syntax tree in place of its file."""
    code = compile(ast.fix_missing_locations(tree), str(Path(module).resolve()), "exec")
    name, from_file = module.removesuffix(".py").replace("/", "."), SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> Any:
        return code if fullname == name else from_file(loader, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def _noticed(module: str, sample: int | None) -> tuple[int, int]:
    """How many mutants of a module were tried, and how many of them its tests noticed."""
    tree = ast.parse(Path(module).read_text(encoding="utf-8"))
    every = mutants(tree)
    chosen = random.Random(_SEED).sample(every, min(sample or len(every), len(every)))
    status, cpu_s = _tests(module, tree, None, _LONGEST_S)
    if status:
        raise SystemExit(f"{module}: its tests fail without a change: {COVERED_BY[module]}")
    noticed = 0
    for mutant in sorted(chosen, key=every.index):
        if _tests(module, tree, mutant, int(4 * cpu_s) + 10)[0]:
            noticed += 1
        else:
            print(f"  {module}:{mutant.line} {mutant.change}: not noticed", flush=True)
    print(f"{module}: {noticed} of {len(chosen)} noticed ({len(every)} possible)", flush=True)
    return len(chosen), noticed


def main(arguments: Sequence[str] | None = None) -> None:
    """Try all mutants of the modules named, else a sample of each; fail if too few are noticed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="as ingest/transform/merge.py")
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants of each module")
    options = parser.parse_args(arguments)
    if unknown := set(options.modules) - set(COVERED_BY):
        parser.error(f"not in tests/mutants_covered.py: {', '.join(sorted(unknown))}")
    for package in _SLOW:
        importlib.import_module(package)
    sample = options.sample or (None if options.modules else _SAMPLE)
    counts = [_noticed(module, sample) for module in options.modules or COVERED_BY]
    tried, noticed = (sum(column) for column in zip(*counts, strict=True))
    print(f"{noticed} of {tried} mutants noticed ({noticed / tried:.0%})")
    if noticed < _ENOUGH * tried:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
