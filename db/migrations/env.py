"""Configures Alembic, with the connection and transaction that ``db.migrate`` passes.

Alembic runs this file for every command.
"""

from __future__ import annotations

from alembic import context

from db.migrations.render import render_item
from db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    # SQLite can alter little in place, so Alembic copies a changed table.
    render_as_batch=True,
    # SQLite can undo DDL, too, since db.engine begins its transactions itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
