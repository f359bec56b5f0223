"""Holds what is made for readers; ``bi_docs`` writes ``docs/bi``, ``cli_docs`` ``docs/cli.md``."""
