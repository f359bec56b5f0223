"""Extract: where bytes come from, an export in the drop folder or the Strava API."""
