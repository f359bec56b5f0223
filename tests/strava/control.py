"""``/_sim/...``: what a human with a terminal may do to the simulator."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.strava.faults import Fault
from tests.strava.messages import Answer, Request

if TYPE_CHECKING:
    from tests.strava.server import Simulator

HELP = """\
POST /_sim/clock?advance=900             let 15 minutes pass
POST /_sim/rename?id=..&name=..          rename an activity
POST /_sim/delete?id=..                  delete one
POST /_sim/visibility?id=..&to=only_me   or everyone, followers_only
POST /_sim/gear?id=..&gear_id=..         other gear (none without gear_id)
POST /_sim/add                           record a new one, now; late=100 for one of 100 days ago
POST /_sim/fault?kind=503&times=1        also path=..., activity_id=..., seconds=...;
                                         kind=none clears all
POST /_sim/use?count=50                  another program of the app spends requests
POST /_sim/expire                        all access tokens have expired
POST /_sim/revoke                        the athlete removes the app
GET  /_sim/requests                      what was asked so far
GET  /_sim/activities                    what is there
"""


def control(simulator: Simulator, request: Request) -> Answer:
    """Carry out one command; 400 for one that makes no sense."""
    command = _COMMANDS.get((request.method, request.path.removeprefix("/_sim/")))
    if command is None:
        return Answer(
            status=404,
            body={"message": "no such command", "commands": HELP.splitlines()},
            rate_headers=False,
        )
    try:
        return Answer(body=command(simulator, request.values), rate_headers=False)
    except (KeyError, ValueError) as err:
        return Answer(
            status=400, body={"message": f"{type(err).__name__}: {err}"}, rate_headers=False
        )


def _clock(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.clock.advance(float(values["advance"]))
    return {"now": simulator.clock.now().isoformat()}


def _rename(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.account.rename(int(values["id"]), values["name"])
    return {"renamed": int(values["id"])}


def _delete(simulator: Simulator, values: dict[str, str]) -> Any:
    return {"deleted": simulator.account.delete(int(values["id"])).id}


def _visibility(simulator: Simulator, values: dict[str, str]) -> Any:
    to = values["to"]
    if to not in ("everyone", "followers_only", "only_me"):
        raise ValueError(f"no visibility {to!r}")
    simulator.account.set_visibility(int(values["id"]), to)  # type: ignore[arg-type]
    return {"visibility": to}


def _gear(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.account.set_gear(int(values["id"]), values.get("gear_id") or None)
    return {"gear_id": values.get("gear_id")}


def _add(simulator: Simulator, values: dict[str, str]) -> Any:
    start = simulator.clock.now() - timedelta(days=float(values.get("late", 0)), hours=2)
    activity = simulator.account.new(start.replace(microsecond=0), sport=values.get("sport", "Run"))
    return {
        "added": activity.id,
        "name": activity.base["name"],
        "start_date": activity.base["start_date"],
    }


def _fault(simulator: Simulator, values: dict[str, str]) -> Any:
    if values["kind"] == "none":
        simulator.faults.clear()
        return {"faults": 0}
    numbers = {
        name: int(values[name])
        for name in ("activity_id", "at", "times", "count")
        if name in values
    }
    seconds = {"seconds": float(values["seconds"])} if "seconds" in values else {}
    simulator.faults.add(Fault(values["kind"], path=values.get("path", ""), **numbers, **seconds))  # type: ignore[arg-type]
    return {"fault": values["kind"]}


def _use(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.limits.use_elsewhere(int(values["count"]))
    return simulator.limits.usage


def _expire(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.expire_access_tokens()
    return {"expired": True}


def _revoke(simulator: Simulator, values: dict[str, str]) -> Any:
    simulator.revoke_access()
    return {"revoked": True}


def _requests(simulator: Simulator, values: dict[str, str]) -> Any:
    return [
        {
            "at": one.at.isoformat(),
            "method": one.method,
            "target": one.target,
            "status": one.status,
            "kind": one.kind,
        }
        for one in list(simulator.requests)
    ]


def _activities(simulator: Simulator, values: dict[str, str]) -> Any:
    keys = ("id", "name", "start_date", "sport_type", "visibility", "gear_id")
    return [{key: one.base.get(key) for key in keys} for one in simulator.account.newest_first()]


_COMMANDS = {
    ("POST", "clock"): _clock,
    ("POST", "rename"): _rename,
    ("POST", "delete"): _delete,
    ("POST", "visibility"): _visibility,
    ("POST", "gear"): _gear,
    ("POST", "add"): _add,
    ("POST", "fault"): _fault,
    ("POST", "use"): _use,
    ("POST", "expire"): _expire,
    ("POST", "revoke"): _revoke,
    ("GET", "requests"): _requests,
    ("GET", "activities"): _activities,
}
