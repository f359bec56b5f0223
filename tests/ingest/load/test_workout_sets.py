"""Sets of strength workouts: a device file's where no export tells any."""

from __future__ import annotations

from db.models import WorkoutSet
from tests.builders import Fit, fit_time
from tests.ingest.playground import FEBRUARY, JANUARY, PROFILE, Playground

COLUMNS = (
    WorkoutSet.activity_id,
    WorkoutSet.set_index,
    WorkoutSet.repetitions,
    WorkoutSet.weight_kg,
    WorkoutSet.source,
)
FILE = "activities/1.fit"


def workout(*sets: tuple[int, float]) -> bytes:
    """A file with these sets (repetitions, kg) and a rest after each."""
    began = fit_time(JANUARY)
    file = Fit().define(0, 20, (253, "uint32"), (3, "uint8")).add(0, began, 99)
    file.define(
        1,
        225,
        (254, "uint32"),
        (0, "uint32"),
        (3, "uint16"),
        (4, "uint16"),
        (5, "uint8"),
        (6, "uint32"),
    )
    for i, (repetitions, kg) in enumerate(sets):
        at = began + 120 * i
        file.add(1, at + 30, 30_000, repetitions, round(kg * 16), 1, at)
        file.add(1, at + 120, 90_000, None, None, 0, at + 30)
    file.define(2, 18, (253, "uint32"), (2, "uint32"), (5, "enum")).add(2, began, began, 10)
    return file.build()


def details(*rows: tuple[int, int]) -> dict[str, list[list[object]]]:
    return {
        "structured_details.csv": [
            ["Activity ID", "Exercise Name", "Repetitions"],
            *([i, "Squat", n] for i, n in rows),
        ]
    }


def test_sets_of_a_file_are_kept_and_its_rests_are_none(playground: Playground) -> None:
    playground.add("a.zip", [{"filename": FILE}], files={FILE: workout((8, 70), (6, 72.5))})
    playground.run()
    assert playground.rows(*COLUMNS) == [(1, 0, 8, 70.0, "file"), (1, 1, 6, 72.5, "file")]
    assert playground.rows(WorkoutSet.start_offset_s, WorkoutSet.duration_s) == [
        (0.0, 30.0),
        (120.0, 30.0),
    ]


def test_what_the_export_tells_takes_the_place_of_the_file_s_in_any_order(
    playground: Playground,
) -> None:
    told = {**PROFILE, **details((1, 12))}
    playground.add(
        "a.zip", [{"filename": FILE}], JANUARY, files={FILE: workout((8, 70), (6, 72.5))}
    )
    playground.add(
        "b.zip",
        [{"filename": FILE}],
        FEBRUARY,
        files={FILE: workout((8, 70), (6, 75))},
        tables=told,
    )
    playground.run()
    assert playground.rows(*COLUMNS) == [(1, 0, 12, None, "export")]
    playground.run()
    assert playground.rows(*COLUMNS) == [(1, 0, 12, None, "export")]


def test_a_file_that_is_corrected_replaces_its_own_sets(playground: Playground) -> None:
    playground.add(
        "a.zip", [{"filename": FILE}], JANUARY, files={FILE: workout((8, 70), (6, 72.5))}
    )
    playground.run()
    playground.add("b.zip", [{"filename": FILE}], FEBRUARY, files={FILE: workout((9, 60))})
    playground.run()
    assert playground.rows(*COLUMNS) == [(1, 0, 9, 60.0, "file")]
