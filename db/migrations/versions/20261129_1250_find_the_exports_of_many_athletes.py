"""Find the exports of many athletes in the ledger, which has a row for each of their files."""

from __future__ import annotations

from alembic import op

revision: str = "20261129_1250"
down_revision: str | None = "20261129_1216"


def upgrade() -> None:
    op.create_index(op.f("ix_import_files_file_kind"), "import_files", ["file_kind"])


def downgrade() -> None:
    op.drop_index(op.f("ix_import_files_file_kind"), table_name="import_files")
