"""Predicts how long a course will take an athlete."""
