"""Learns from an athlete's runs how long a course takes."""
