"""Writes the generated files of ``docs/bi``: ``python -m docs.bi_docs docs/bi``."""

from __future__ import annotations

import argparse
from pathlib import Path

from docs.bi_docs.files import made_files


def main() -> None:
    """Write every made file."""
    parser = argparse.ArgumentParser(
        description="Write the files of docs/bi that are made from the models."
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for name, content in made_files(folder).items():
        (folder / name).write_bytes(content)
        print(folder / name)


if __name__ == "__main__":
    main()
