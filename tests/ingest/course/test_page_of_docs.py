"""The SQL of docs/predict.md works on both engines, and finds the line that the data follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.ingest.playground import Playground

PAGE = Path(__file__).parents[3] / "docs" / "predict.md"
SCATTER, LINE = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_sql_of_the_page_works(runner: Playground) -> None:
    with runner.engine.connect() as connection:
        scatter = connection.execute(sa.text(SCATTER)).all()
        (line,) = connection.execute(sa.text(LINE)).all()
    # Three kilometres of each of a dozen runs: up, over the top, down.
    assert len(scatter) == 36
    # Up it takes 60 % longer than down, and 100 m of climb are a kilometre.
    assert line.flat_kilometre_s == pytest.approx(340, rel=0.03)
    assert line.seconds_per_metre == pytest.approx(340 * 0.6 / 100, rel=0.06)
    assert line.total_s == pytest.approx(25 * 340 + 1200 * 340 * 0.6 / 100, rel=0.06)
