"""Marts of the demo account, computed a second time with pandas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from db.engine import make_engine


@pytest.fixture
def connection(demo_url: str) -> Iterator[sa.Connection]:
    engine = make_engine(demo_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def table(connection: sa.Connection, name: str) -> pd.DataFrame:
    return pd.read_sql(sa.text(f"SELECT * FROM {name}"), connection)


def assert_same(left: pd.Series, right: pd.Series) -> None:
    pd.testing.assert_series_equal(
        left.astype(float), right.astype(float), check_names=False, rtol=0, atol=2e-6
    )


def test_pace_at_heart_rate_is_the_sum_of_the_bands(connection: sa.Connection) -> None:
    facts = table(connection, "activity_facts")[["activity_id", "sport_group", "month_start"]]
    bands = table(connection, "heartrate_bands").merge(facts, on="activity_id")
    bands["moved_s"] = bands["time_s"].where(bands["distance_m"] > 0)
    keys = ["sport_group", "month_start", "from_bpm"]
    sums = bands.groupby(keys).agg(
        count=("time_s", "size"),
        time=("time_s", "sum"),
        moved=("moved_s", "sum"),
        metres=("distance_m", "sum"),
        known=("power_time_s", "sum"),
        work=("work_j", "sum"),
    )
    mart = table(connection, "pace_at_heart_rate").set_index(keys).sort_index()
    assert list(mart.index) == list(sums.index)
    assert_same(mart["activity_count"], sums["count"])
    assert_same(mart["time_s"], sums["time"])
    pace = sums["moved"] / 60 / (sums["metres"] / 1000)
    assert_same(mart["pace_min_per_km"], pace.where(sums["metres"] > 0))
    assert_same(mart["average_power_w"], (sums["work"] / sums["known"]).where(sums["known"] > 0))


def test_bands_and_decoupling_are_those_of_the_points(connection: sa.Connection) -> None:
    """Of activities that never rested: there each step of the points counts whole."""
    query = """
        SELECT p.activity_id, d.basis, p.elapsed_s, p.heartrate_bpm, p.distance_m, p.power_w
        FROM track_points p
        JOIN decoupling d ON d.activity_id = p.activity_id
        ORDER BY p.activity_id, p.point_index
    """
    bands, drift = (table(connection, name) for name in ("heartrate_bands", "decoupling"))
    bases = []
    every = pd.read_sql(sa.text(query), connection)
    for (number, basis), points in every.groupby(["activity_id", "basis"]):
        step = points[["elapsed_s", "distance_m"]].diff().shift(-1).iloc[:-1]
        steps = points.iloc[:-1].assign(time=step["elapsed_s"], metres=step["distance_m"])
        row = drift[drift["activity_id"] == number].iloc[0]
        rested = row["moving_time_s"] != steps["time"].sum()
        if steps["heartrate_bpm"].isna().any() or steps["time"].max() > 10 or rested:
            continue
        bases.append(basis)
        sums = steps.groupby(steps["heartrate_bpm"] // 5 * 5)[["time", "metres"]].sum()
        own = bands[bands["activity_id"] == number].set_index("from_bpm").sort_index()
        assert list(own.index) == list(sums.index.astype(int))
        assert own["time_s"].to_list() == pytest.approx(sums["time"].to_list(), abs=1e-3)
        assert own["distance_m"].to_list() == pytest.approx(sums["metres"].to_list(), abs=1e-2)
        if basis == "power":
            assert row["decoupling_pct"] == pytest.approx(_by_power(steps), abs=1e-3)
    assert {"power", "grade_adjusted_pace"} == set(bases)


def _by_power(steps: pd.DataFrame) -> float:
    begun = steps["time"].cumsum() - steps["time"]
    half = begun >= steps["time"].sum() / 2
    work = (steps["power_w"] * steps["time"]).groupby(half).sum()
    beats = (steps["heartrate_bpm"] * steps["time"]).groupby(half).sum()
    first, second = work / beats
    return float(100 * (1 - second / first))


def test_activities_of_a_route_start_and_end_alike_and_are_ranked(
    connection: sa.Connection,
) -> None:
    mart = table(connection, "route_groups").sort_values(["route_id", "visit_index"])
    facts = table(connection, "activity_facts").set_index("activity_id")
    on_route = mart.groupby("route_id")
    assert len(on_route) >= 3
    assert (mart["activity_count"] == on_route["activity_id"].transform("size")).all()
    assert (mart["activity_count"] >= 2).all()
    assert (mart["visit_index"] == on_route.cumcount() + 1).all()
    assert (mart["route_id"] == on_route["activity_id"].transform("first")).all()
    assert (mart["time_rank"] == on_route["moving_time_s"].rank(method="first")).all()
    assert (mart["is_fastest"].astype(bool) == (mart["time_rank"] == 1)).all()
    assert mart.set_index("activity_id")["moving_time_s"].eq(facts["moving_time_s"]).sum() == len(
        mart
    )
    query = """
        SELECT p.activity_id, p.latitude, p.longitude FROM track_points p
        JOIN route_groups r ON r.activity_id = p.activity_id
        WHERE p.latitude IS NOT NULL ORDER BY p.activity_id, p.point_index
    """
    places = pd.read_sql(sa.text(query), connection).groupby("activity_id")
    for end in (places.first(), places.last()):
        own, first = end.loc[mart["activity_id"]], end.loc[mart["route_id"]]
        north = own["latitude"].to_numpy() - first["latitude"].to_numpy()
        east = (own["longitude"].to_numpy() - first["longitude"].to_numpy()) * 0.5
        assert (111_320 * (north**2 + east**2) ** 0.5 < 160).all()


def test_rest_days_and_load_go_on_to_the_newest_export(connection: sa.Connection) -> None:
    facts = table(connection, "activity_facts")
    mart = table(connection, "daily_load").set_index("date").sort_index()
    mart.index = pd.to_datetime(mart.index)
    query = sa.text("SELECT max(exported_at) AS day FROM import_files WHERE file_kind = 'export'")
    exported = pd.to_datetime(pd.read_sql(query, connection)["day"].iloc[0]).normalize()
    days = pd.to_datetime(facts["local_date"])
    last = max(days.max(), exported)
    assert list(mart.index) == list(pd.date_range(days.min(), last))
    source = mart["load_source"].iloc[0]
    load = facts.groupby(days)[source].sum().reindex(mart.index, fill_value=0.0)
    fitness = load.ewm(alpha=1 / 42, adjust=False).mean()
    # Ours begins with 0, that of pandas with the first value.
    fitness += (load.iloc[0] / 42 - load.iloc[0]) * (41 / 42) ** np.arange(len(load))
    assert_same(mart["ctl"], fitness)
    active = mart.index.to_series().where(mart.index.isin(days)).ffill()
    assert_same(mart["rest_days"], (mart.index.to_series() - active).dt.days)
