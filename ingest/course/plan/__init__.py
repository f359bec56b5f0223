"""Plans a race on a course, and writes the plan."""
