"""Writes ``report``: one HTML page of plots, readable on a phone, in light and dark.

The page loads nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from exporters.files import prepare, refuse_existing, write_text
from exporters.job import Job, Outcome
from exporters.report.data import Data
from exporters.report.reading import Drawing, read
from exporters.report.section import Section
from exporters.report.sections import SECTION_COUNT, made_sections
from exporters.report.units import day, number

NAME: Final = "report.html"
_PACKAGE: Final = "exporters.report"
_FILES: Final = "page_files"
#: The templates of the page and of its sections, which the local page draws, too.
TEMPLATES: Final = PackageLoader(_PACKAGE, _FILES)
#: Begin of a tag that page.html has within its first bytes, and by which a page of ours is known.
_GENERATOR: Final = b'<meta name="generator" content="strava-ingest'
_HEAD_BYTES: Final = 500
#: Metres that are hidden around usual starts if the page is for others.
_PUBLIC_M: Final = 500


def export(
    job: Job,
    *,
    athlete: int | None = None,
    routes: int = 48,
    hide_around: int | None = None,
    public: bool = False,
) -> Outcome:
    """Write the page; ``public`` makes it for others to see."""
    target = job.file(NAME, ".htm")
    refuse_existing([target], job.overwrite or _is_report(target))
    prepare(target.parent)
    metres = hide_around if hide_around is not None else _PUBLIC_M if public else 0
    what = Drawing(routes=routes, hide_around=metres, is_public=public)
    data, notes = read(job.connection, job.selection, athlete, what)
    job.progress.begin(NAME, SECTION_COUNT)
    sections = made_sections(data, job.progress.advance)
    run = job.config.invocation.command("run")
    write_text(target, render(data, sections, run))
    empty = (
        tuple(f"{one.title}: {one.empty}" for one in sections if one.empty)
        if data.facts
        else (nothing(data, run),)
    )
    return Outcome(
        files=1,
        rows=len(data.facts),
        notes=(*notes, *empty),
        out=target,
        details={"to": str(target.absolute())},
    )


def _is_report(path: Path) -> bool:
    """Whether a file is a page of ours, which can be drawn again at any time."""
    try:
        with path.open("rb") as file:
            return _GENERATOR in file.read(_HEAD_BYTES)
    except OSError:
        return False


def render(data: Data, sections: list[Section], run: str) -> str:
    """The page; ``run`` is the command that fills its tables."""
    return make_page(
        title=f"Activities of {data.athlete}" if data.athlete else "Activities",
        lead=lead(data),
        sections=sections if data.facts else [],
        nothing="" if data.facts else nothing(data, run),
        source="Made from the database alone",
    )


def make_page(
    *, title: str, lead: str, sections: Sequence[Section], source: str, nothing: str = ""
) -> str:
    """An HTML page of sections.

    ``source`` says what it was made from, ``nothing`` why it has no sections.
    """
    template = Environment(
        loader=TEMPLATES,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html")
    return template.render(
        title=title,
        lead=lead,
        sections=sections,
        nothing=nothing,
        source=source,
        style=Markup(own_file("colours.css") + own_file("style.css")),
        script=Markup(own_file("tooltip.js")),
    )


def nothing(data: Data, run: str) -> str:
    """Why the page is empty; ``run`` is the command that fills it."""
    if data.is_unfilled:
        return f"The tables that the page is made from are empty. To fill them: {run}"
    if data.chosen:
        return f"No activity matches ({data.chosen})."
    return f"The database holds no activity. To import an export: {run}"


def lead(data: Data) -> str:
    """How many activities of which days the page is about, and what was chosen."""
    if not data.facts:
        return ""
    days = [at for at, _ in data.dated]
    span = f", {day(min(days))} to {day(max(days))}" if days else ""
    chosen = f" Chosen: {data.chosen}." if data.chosen else ""
    chosen += f" The data is of {day(data.as_of)}." if data.has_ended else ""
    count = f"{number(len(data.facts))} {'activity' if len(data.facts) == 1 else 'activities'}"
    return f"{count}{span}.{chosen}"


def own_file(name: str) -> str:
    """A style sheet or script of the page, or one of its templates."""
    return files(_PACKAGE).joinpath(_FILES, name).read_text(encoding="utf-8")
