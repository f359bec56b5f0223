"""Makes what the page of one activity shows."""
