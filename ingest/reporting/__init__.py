"""What a run counts, prints and logs."""
