"""Renders the column types of models as the plain SQLAlchemy types that migrations use."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """The text that autogenerate writes for a type; ``False`` leaves it to Alembic.

    Alembic would name our own types by their module. That needs an import, and ties an old
    migration to the code of today.
    """
    return _plain(item) if kind == "type" else False


def _plain(kind: sa.types.TypeEngine[Any]) -> str:
    while isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    name = next(
        base.__name__ for base in type(kind).__mro__ if getattr(sa, base.__name__, None) is base
    )
    return f"sa.{kind!r}" if name == type(kind).__name__ else f"sa.{name}()"
