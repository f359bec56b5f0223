"""Reads device files by well-known libraries, one point at a time.

Tests, benchmarks and ``--verify`` compare our own readers with these.
"""
