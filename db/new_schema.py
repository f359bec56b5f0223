"""Makes today's schema in a database that has none, from the models and without Alembic.

Going through all migrations takes ten times as long, and ends at the same schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.engine import for_writing, problem
from db.errors import DatabaseProblem
from db.models import Base, timed_points
from db.revision import VERSION_TABLE, current, head
from db.url import shown_database


def make_if_new(engine: sa.Engine) -> bool:
    """Make the schema where nothing has been migrated yet, and tell whether it was so.

    Raises:
        DatabaseProblem: another program has tables of the same names.
    """
    if current(engine) is not None:
        return False
    refuse_taken_names(engine)
    try:
        with for_writing(engine).begin() as connection:
            _make(connection)
    except DBAPIError as err:
        raise DatabaseProblem(f"{problem(engine, err)} (nothing was made)") from err
    return True


def refuse_taken_names(engine: sa.Engine) -> None:
    """Raise ``DatabaseProblem`` where a database without our schema has tables of our names."""
    if taken := our_names(engine):
        raise DatabaseProblem(
            f"{shown_database(engine.url)}: another program has tables of the same names there "
            f"({', '.join(taken[:3])}); use another database or another PostgreSQL schema for "
            "strava-ingest"
        )


def our_names(engine: sa.Engine) -> list[str]:
    """Tables and views that have names of our tables."""
    inspector = sa.inspect(engine)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    return sorted(there & set(Base.metadata.tables))


def _make(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        script = ";\n".join([*_tables(), *timed_points.statements()])
        connection.exec_driver_sql(script, execution_options={"no_parameters": True})
    else:
        Base.metadata.create_all(connection, checkfirst=False)
    version = sa.Table(
        VERSION_TABLE,
        sa.MetaData(),
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
    )
    # Alembic may have left it empty, where a database went back to its beginning.
    version.create(connection, checkfirst=True)
    connection.execute(sa.insert(version).values(version_num=head()))


def _tables() -> list[str]:
    """The 850 statements that make PostgreSQL's tables and their comments.

    As one script they take two thirds of the time that they take one after the other.
    """
    from sqlalchemy.dialects import postgresql

    # A driver's own dialect doubles the percent signs of comments, for statements with parameters.
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    statements: list[str] = []
    recorder = sa.create_mock_engine(
        "postgresql+psycopg://",
        lambda made, *_: statements.append(str(made.compile(dialect=dialect))),
    )
    Base.metadata.create_all(recorder, checkfirst=False)
    return statements
