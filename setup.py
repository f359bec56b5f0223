"""Puts the files that BI tools load into the wheel; everything else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithBiFiles(build_py):
    """Copies ``docs/bi`` to where ``ingest/web/bi_files.py`` looks for it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:  # a working copy has them in docs/bi
            made_from = shutil.ignore_patterns("*.toml", "queries")
            place = Path(self.build_lib, "ingest", "web", "bi")
            shutil.copytree("docs/bi", place, ignore=made_from, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithBiFiles})
