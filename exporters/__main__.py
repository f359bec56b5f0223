"""Starts the command line: ``python -m exporters``."""

from exporters.cli import main

if __name__ == "__main__":
    main()
