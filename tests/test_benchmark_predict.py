"""The comparison of predictions runs, and shows the model to be no worse than the baselines."""

from __future__ import annotations

import pytest

from benchmarks import predict


def figures(line: str) -> list[float]:
    """The per cents of a line: median and p90 of the model and of each baseline, and what held."""
    return [float(word.rstrip("%")) for word in line.split() if word.endswith("%")]


def test_the_model_is_no_worse_than_the_best_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    predict.main(["--seeds", "4", "5"])
    lines = capsys.readouterr().out.splitlines()
    for name in ("road", "mountain", "thin"):
        (line,) = (line for line in lines if line.split()[0] == name)
        *errors, held = figures(line)
        medians = errors[::2]
        assert medians[0] <= min(medians[1:]), line
        assert held >= 60, line
