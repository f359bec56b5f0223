"""Decides who may come in, and from where."""
