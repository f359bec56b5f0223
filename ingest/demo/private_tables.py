"""Writes the demo export's private CSV files, which no database should want.

They hold settings, logins and other people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ingest.demo.athlete import ATHLETE_ID
from ingest.demo.csv_text import table, us_date
from ingest.demo.season import Season

_EMPTY: Final = {
    "applications.csv": "App Name,App Description",
    "blocks.csv": "Blocked Athlete ID,Created At",
    "contacts.csv": "Athlete ID,Contact Type,Contact,Contact Source,Contact Name",
    "email_preferences.csv": "When someone I know joins Strava",
    "events.csv": "Event Title,Event Description,Start Time",
    "favorites.csv": "Follower Athlete ID,Following Athlete ID,Favorite Status",
    "flags.csv": "Category,Flagged Type,Flagged ID,Comments,Created At",
    "intercom_tickets.csv": "Ticket ID,Ticket Created At,Message Content",
    "local_legend_segments.csv": "Segment ID,Segment Name",
    "metering.csv": "Promotion Seen,Timestamp",
    "monthly_recap_achievements.csv": (
        "XOMS,LOCAL LEGENDS,GOALS MET,CHALLENGES COMPLETED,TOP 10 TIMES,BEST EFFORTS,PRS,Segment "
        "ID,Segment Name,Elapsed Time,Start Date"
    ),
    "orders.csv": "Order Number,Plan,Total Price,Created At",
    "partner_opt_outs.csv": "Concept2 activity treatment opt-out",
    "posts.csv": "Post Date,Post Summary,Post,Post URL,Photos",
    "privacy_zones.csv": "Address,Radius,Latitude & Longitude",
    "segment_feedback.csv": "Segment ID,Prompt,Choices",
    "support_tickets.csv": "Ticket ID,Ticket Created At,Message Content",
}


def private_tables(season: Season) -> dict[str, bytes]:
    """The content of each file, by name; its addresses are reserved for documentation."""
    logins = [
        (address, source, us_date(season.until - timedelta(days=days)))
        for address, source, days in (
            ("192.0.2.1", "Web", 3),
            ("2001:db8::1", "Mobile", 9),
            ("198.51.100.7", "Web", 30),
        )
    ]
    friend = (ATHLETE_ID + 1, "Accepted", us_date(season.until - timedelta(days=700)))
    return {
        **{name: table(header) for name, header in _EMPTY.items()},
        "connected_apps.csv": table("Enabled Application Name", [("Example Sync",)]),
        "followers.csv": table("Follower Athlete ID,Follow Status,Created At", [friend]),
        "following.csv": table("Following Athlete ID,Follow Status,Created At", [friend]),
        "logins.csv": table("IP Address,Login Source,Login Date & Time", logins),
        "mobile_device_identifiers.csv": table(
            "Mobile Device ID", [("00000000-0000-4000-8000-000000000000",)]
        ),
        "social_settings.csv": table(
            "Facebook autoshare is enabled,Garmin popular segments enabled,Default activity "
            "highlight image,Primary club ID number,Sync contacts enabled,Do not promote my "
            "activities to my followers",
            [("False", "False", "Map", "", "False", "True")],
        ),
        "visibility_settings.csv": table(
            "Include your activities in Metro and Heatmap,Who can see that you were part of a "
            "group activity,Who can see your activity in Flybys,Who can view your training "
            "log,Profile Visibility,Default Activity Visibility",
            [("False", "Followers", "No One", "Only Me", "Followers", "Followers")],
        ),
        "messaging.json": b'{"user":{},"messages":[],"reactions":[]}\n',
    }
