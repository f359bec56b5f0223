"""Lists the tables of an export: the reader of each, or the reason why it is not read.

``activities.csv`` is read by ``ingest.transform.tables.activities``. A new CSV is one new module
and one entry here.
"""

from __future__ import annotations

from typing import Final

from ingest.transform.tables.bikes import BIKES
from ingest.transform.tables.challenges import GLOBAL_CHALLENGES, GROUP_CHALLENGES
from ingest.transform.tables.clubs import CLUBS, MEMBERSHIPS
from ingest.transform.tables.comments import COMMENTS
from ingest.transform.tables.components import COMPONENTS
from ingest.transform.tables.csvtable import CsvTable
from ingest.transform.tables.general_preferences import GENERAL_PREFERENCES
from ingest.transform.tables.goals import GOALS
from ingest.transform.tables.media import MEDIA, PHOTOS
from ingest.transform.tables.profile import PROFILE
from ingest.transform.tables.reactions import KUDOS, REACTIONS
from ingest.transform.tables.routes import ROUTES
from ingest.transform.tables.segments import SEGMENTS
from ingest.transform.tables.shoes import SHOES
from ingest.transform.tables.starred import STARRED_ROUTES, STARRED_SEGMENTS
from ingest.transform.tables.structured_details import STRUCTURED_DETAILS

#: File name -> the table that reads it.
TABLES: Final[dict[str, CsvTable]] = {
    table.filename: table
    for table in (
        PROFILE,
        GENERAL_PREFERENCES,
        BIKES,
        SHOES,
        COMPONENTS,
        MEDIA,
        PHOTOS,
        ROUTES,
        SEGMENTS,
        GOALS,
        CLUBS,
        MEMBERSHIPS,
        GLOBAL_CHALLENGES,
        GROUP_CHALLENGES,
        COMMENTS,
        REACTIONS,
        KUDOS,
        STARRED_SEGMENTS,
        STARRED_ROUTES,
        STRUCTURED_DETAILS,
    )
}

_OTHERS = "data of other people"
_SETTINGS = "settings of the web site"
_BOILERPLATE = "the same text for everyone"

#: File name -> why nothing of it enters the database.
IGNORED: Final[dict[str, str]] = {
    "applications.csv": "API applications that the athlete registered",
    "blocks.csv": _OTHERS,
    "connected_apps.csv": "names of connected apps only",
    "contacts.csv": f"{_OTHERS}: private contact data",
    "email_preferences.csv": _SETTINGS,
    "events.csv": "club events, without their club",
    "favorites.csv": _OTHERS,
    "flags.csv": "reports to the support team",
    "followers.csv": _OTHERS,
    "following.csv": _OTHERS,
    "intercom_tickets.csv": "private messages to the support team",
    "local_legend_segments.csv": "a list of segments without dates or results",
    "logins.csv": "IP addresses and times of logins",
    "messaging.json": "private messages",
    "metering.csv": "promotions that were shown",
    "mobile_device_identifiers.csv": "identifiers of telephones",
    "monthly_recap_achievements.csv": "counts that activities.csv gives anew, in an unstable form",
    "orders.csv": "payments",
    "partner_opt_outs.csv": _SETTINGS,
    "posts.csv": "posts that belong to no activity",
    "privacy_zones.csv": "addresses that the athlete hides",
    "segment_feedback.csv": "answers to surveys",
    "social_settings.csv": _SETTINGS,
    "support_tickets.csv": "private messages to the support team",
    "visibility_settings.csv": _SETTINGS,
    "profile.jpg": "a picture without data",
    "categories_of_personal_information_we_collect.pdf": _BOILERPLATE,
    "information_we_disclose_for_a_business_purpose.pdf": _BOILERPLATE,
}

__all__ = ["IGNORED", "TABLES", "CsvTable"]
