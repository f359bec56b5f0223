"""Names the modules where a wrong value would be silent, and the narrow tests of each."""

from __future__ import annotations

from typing import Final

_DERIVED: Final = "tests/ingest/transform/derived"
_COURSE: Final = "tests/ingest/course"
_MARTS: Final = "tests/db/marts"
_TABLES: Final = "tests/ingest/transform/tables"

COVERED_BY: Final[dict[str, tuple[str, ...]]] = {
    "ingest/extract/zip_directory.py": ("tests/ingest/extract/test_zip_directory.py",),
    "ingest/extract/api/rate_limits.py": ("tests/ingest/extract/api/test_rate_limits.py",),
    "ingest/transform/merge.py": ("tests/ingest/transform/test_merge.py",),
    "ingest/transform/parsers/times.py": ("tests/ingest/transform/parsers/test_times.py",),
    "ingest/transform/tables/dates.py": (f"{_TABLES}/test_dates.py",),
    "ingest/transform/tables/date_column.py": (f"{_TABLES}/test_date_column.py",),
    "ingest/transform/derived/climb.py": (f"{_DERIVED}/test_climb.py",),
    "ingest/transform/derived/course.py": (f"{_DERIVED}/test_course.py",),
    "ingest/transform/derived/efforts.py": (f"{_DERIVED}/test_efforts.py",),
    "ingest/transform/derived/heartrate.py": (f"{_DERIVED}/test_heartrate.py",),
    "ingest/transform/derived/moving.py": (f"{_DERIVED}/test_moving.py",),
    "ingest/transform/derived/polyline.py": (f"{_DERIVED}/test_route.py",),
    "ingest/transform/derived/power.py": (f"{_DERIVED}/test_power.py",),
    "ingest/transform/derived/route.py": (f"{_DERIVED}/test_route.py",),
    "ingest/transform/derived/splits.py": (f"{_DERIVED}/test_splits.py",),
    "ingest/transform/derived/swim.py": (f"{_DERIVED}/test_swim.py",),
    "ingest/transform/derived/zones.py": (f"{_DERIVED}/test_power.py",),
    "ingest/course/model/backtest.py": (f"{_COURSE}/model/test_backtest.py",),
    "ingest/course/model/baselines.py": (f"{_COURSE}/model/test_backtest.py",),
    "ingest/course/model/endurance.py": (f"{_COURSE}/model/test_endurance.py",),
    "ingest/course/model/grade_curve.py": (f"{_COURSE}/model/test_grade_curve.py",),
    "ingest/course/model/history.py": (f"{_COURSE}/model/test_history.py",),
    "ingest/course/model/pace_model.py": (f"{_COURSE}/model/test_pace_model.py",),
    "ingest/load/reconcile.py": ("tests/ingest/load/test_reconcile.py",),
    "ingest/load/vanishing.py": ("tests/ingest/load/test_reconcile.py",),
    "db/marts/activity_facts.py": (f"{_MARTS}/test_facts.py",),
    "db/marts/daily_load.py": (f"{_MARTS}/test_training.py",),
    "db/marts/dates.py": (f"{_MARTS}/test_facts.py",),
    "db/marts/duplicate_candidates.py": (f"{_MARTS}/test_duplicates.py",),
    "db/marts/eddington.py": (f"{_MARTS}/test_training.py",),
    "db/marts/gear_mileage.py": (f"{_MARTS}/test_totals.py",),
    "db/marts/mart.py": (
        f"{_MARTS}/test_mart.py",
        f"{_MARTS}/test_training.py",
        f"{_MARTS}/test_facts.py",
    ),
    "db/marts/pace_at_heart_rate.py": (f"{_MARTS}/test_heartrate.py",),
    "db/marts/period_summary.py": (f"{_MARTS}/test_totals.py",),
    "db/marts/personal_records.py": (f"{_MARTS}/test_training.py",),
    "db/marts/route_groups.py": (f"{_MARTS}/test_routes.py",),
    "db/marts/same_routes.py": (f"{_MARTS}/test_routes.py",),
    "db/marts/scope.py": (f"{_MARTS}/test_refill.py",),
    "db/marts/split_pace.py": (f"{_MARTS}/test_training.py",),
    "db/marts/streaks.py": (f"{_MARTS}/test_training.py",),
    "db/marts/year_to_date.py": (f"{_MARTS}/test_totals.py",),
}
