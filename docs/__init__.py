"""Holds what is made for readers; ``bi_docs`` makes the files of ``docs/bi``."""
