"""The mutants of a module, and the tests that are to notice them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.mutants_covered import COVERED_BY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mutants need a fork")
ROOT = Path(__file__).parents[1]


def changed(source: str) -> set[str]:
    """The texts that one change each makes of a module."""
    from tests.mutants import mutants

    found = set()
    for at in range(len(mutants(ast.parse(source)))):
        tree = ast.parse(source)
        mutants(tree)[at].apply()
        found.add(ast.unparse(tree))
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a - 1", {"a + 1", "a - 2", "a - 0"}),
        ("a and -b", {"a or -b", "a and +b"}),
        ("x = y if f() else True", {"x = y if not f() else True", "x = y if f() else False"}),
        ("def f(a: int | None=None): ...", set()),
    ],
)
def test_each_operator_number_and_condition_is_changed_and_no_type(
    source: str, expected: set[str]
) -> None:
    assert changed(source) == expected


def test_modules_with_mutants_and_their_tests_are_where_the_table_says() -> None:
    for module, tests in COVERED_BY.items():
        assert all((ROOT / path).exists() for path in (module, *tests))
