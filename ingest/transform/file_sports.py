"""Translates what a device file calls its sport into the API's ``sport_type``.

Vague words (generic, Other, multisport) give no sport.
"""

from __future__ import annotations

from typing import Final

from ingest.transform.records import Recording, SessionRow

#: The API's sport -> words of FIT, GPX and makers' TCX for it, reduced to letters.
_WORDS: Final = {
    "Run": "run running jogging jog streetrunning roadrunning trackrunning indoorrunning "
    "treadmill treadmillrunning",
    "TrailRun": "trailrun trailrunning",
    "VirtualRun": "virtualrun virtualrunning",
    "Ride": "ride biking bike cycling cycle bicycle roadbiking roadcycling indoorcycling "
    "cyclingtransportation cyclingsport",
    "VirtualRide": "virtualride virtualcycling virtualbiking",
    "MountainBikeRide": "mountainbikeride mountainbiking mountainbike mtb",
    "GravelRide": "gravelride gravelcycling gravelbiking",
    "EBikeRide": "ebikeride ebiking ebike ebikefitness",
    "EMountainBikeRide": "emountainbikeride ebikemountain",
    "Handcycle": "handcycle handcycling",
    "Swim": "swim swimming lapswimming openwater openwaterswimming poolswimming",
    "Walk": "walk walking casualwalking speedwalking fitnesswalking nordicwalking walkingfitness",
    "Hike": "hike hiking trekking",
    "Workout": "workout training cardio cardiotraining indoorcardio fitnessequipment",
    "WeightTraining": "weighttraining strengthtraining weightlifting",
    "HighIntensityIntervalTraining": "hiit highintensityintervaltraining",
    "Crossfit": "crossfit",
    "Yoga": "yoga",
    "Pilates": "pilates",
    "Dance": "dance dancing",
    "Elliptical": "elliptical crosstrainer",
    "StairStepper": "stairstepper stairclimbing",
    "Rowing": "rowing indoorrowing",
    "VirtualRow": "virtualrow",
    "AlpineSki": "alpineski alpineskiing downhillskiing skiing resortskiingsnowboarding",
    "BackcountrySki": "backcountryski backcountryskiing skimountaineering",
    "NordicSki": "nordicski crosscountryskiing skatingskiing",
    "Snowboard": "snowboard snowboarding",
    "Snowshoe": "snowshoe snowshoeing",
    "IceSkate": "iceskate iceskating",
    "InlineSkate": "inlineskate inlineskating",
    "RollerSki": "rollerski rollerskiing",
    "Skateboard": "skateboard skateboarding",
    "RockClimbing": "rockclimbing climbing bouldering indoorclimbing",
    "Kayaking": "kayaking kayak",
    "Canoeing": "canoeing canoe",
    "StandUpPaddling": "standuppaddling standuppaddleboarding",
    "Sail": "sail sailing",
    "Windsurf": "windsurf windsurfing",
    "Kitesurf": "kitesurf kitesurfing",
    "Surfing": "surfing",
    "Golf": "golf",
    "Soccer": "soccer football",
    "Basketball": "basketball",
    "Volleyball": "volleyball",
    "Cricket": "cricket",
    "Tennis": "tennis",
    "TableTennis": "tabletennis",
    "Badminton": "badminton",
    "Squash": "squash",
    "Padel": "padel",
    "Pickleball": "pickleball",
    "Racquetball": "racquetball",
    "Velomobile": "velomobile",
    "Wheelchair": "wheelchair wheelchairpushrun wheelchairpushwalk",
}
_SPORTS: Final = {word: sport for sport, words in _WORDS.items() for word in words.split()}

#: FIT sport -> sub-sport -> the API's sport, where the two together mean more than either alone.
_SUB_SPORTS: Final = {
    "running": {"trail": "TrailRun", "virtualactivity": "VirtualRun", "ultra": "Run"},
    "cycling": {
        "virtualactivity": "VirtualRide",
        "mountain": "MountainBikeRide",
        "downhill": "MountainBikeRide",
        "enduro": "MountainBikeRide",
    },
    "rowing": {"virtualactivity": "VirtualRow"},
    "alpineskiing": {"backcountry": "BackcountrySki"},
    "snowboarding": {"backcountry": "BackcountrySki"},
}
#: FIT sports whose sub-sport is the real sport: a rowing machine is "fitness_equipment,
#: indoor_rowing".
_BY_SUB_SPORT: Final = frozenset(
    {
        "fitnessequipment",
        "training",
        "cycling",
        "racket",
        "generic",
        "floorclimbing",
        "rockclimbing",
    }
)
#: Numbers for sports in the GPX that Strava wrote until about 2022; the numbers of other makers
#: mean other sports.
_STRAVA: Final = {"1": "Ride", "4": "Hike", "9": "Run", "10": "Walk", "16": "Swim"}
_STRAVA_GPX: Final = "StravaGPX"


def file_sport_type(recording: Recording) -> str | None:
    """The API's sport of a device file.

    ``None`` where the file's word is vague, or its sessions are of several sports.
    """
    told = {
        _of_session(session)
        for session in recording.sessions
        if _word(session.sport) != "transition"
    }
    if len(told) > 1:
        return None
    return next(iter(told), None) or _of_word(recording.sport, recording.device.name)


def _of_session(session: SessionRow) -> str | None:
    sport, sub = _word(session.sport), _word(session.sub_sport)
    if known := _SUB_SPORTS.get(sport, {}).get(sub):
        return known
    return (_SPORTS.get(sub) if sport in _BY_SUB_SPORT else None) or _SPORTS.get(sport)


def _of_word(sport: str | None, maker: str | None) -> str | None:
    if (
        maker is not None
        and maker.startswith(_STRAVA_GPX)
        and (known := _STRAVA.get((sport or "").strip()))
    ):
        return known
    return _SPORTS.get(_word(sport))


def _word(text: str | None) -> str:
    return "".join(c for c in (text or "").casefold() if c.isalpha())
