"""Makes the form of an exporter from the options of its command, and the options from the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click

from exporters.options import parameters
from exporters.registry import Exporter

#: What the help calls a place on this machine or a database. The page itself knows where things
#: are, and a URL may hold a password.
_PLACES: Final = re.compile(r"PATH|DIR|URL")
_OPTION: Final = re.compile(r"'(--[a-z][a-z-]*)'|(?<![\w-])(--[a-z][a-z-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One option as a field of a form."""

    name: str
    #: As it is written on a command line.
    option: str
    help: str
    #: ``checkbox``, ``date``, ``number``, ``select`` or ``text``.
    kind: str
    default: str = ""
    choices: Sequence[str] = ()
    least: float | None = None
    most: float | None = None
    #: Whether the option can be given again; the field then takes a list.
    is_many: bool = False

    @property
    def label(self) -> str:
        """What the field is called."""
        return self.option.removeprefix("--").replace("-", " ").capitalize()


def fields(exporter: Exporter) -> Sequence[FormField]:
    """The fields of an exporter's form."""
    options = parameters(exporter.choices)
    return [_field(each) for each in options if not _PLACES.search(each.metavar or "")]


def arguments(some: Sequence[FormField], form: Mapping[str, str]) -> Iterator[str]:
    """The options that a form stands for; the command itself says what is wrong with them."""
    for field in some:
        value = form.get(field.name, "").strip()
        if field.kind == "checkbox":
            yield from [field.option] if value else []
        elif field.is_many:
            parts = (part.strip() for part in value.split(","))
            yield from (f"{field.option}={part}" for part in parts if part)
        elif value:
            yield f"{field.option}={value}"


def in_words(text: str, some: Sequence[FormField]) -> str:
    """A message of the command, with the fields of the page in place of its options."""
    labels = {field.option: field.label for field in some}

    def worded(found: re.Match[str]) -> str:
        label = labels.get(found[1] or found[2])
        return f"“{label}”" if label else found[0]

    return _OPTION.sub(worded, text)


def _field(option: click.Option) -> FormField:
    kind = option.type
    bounds = kind if isinstance(kind, click.IntRange | click.FloatRange) else None
    return FormField(
        name=option.name or "",
        option=option.opts[0],
        help=_help(option),
        kind=_kind(option),
        default=_default(option),
        choices=[str(each) for each in kind.choices] if isinstance(kind, click.Choice) else (),
        least=bounds.min if bounds else None,
        most=bounds.max if bounds else None,
        is_many=option.multiple,
    )


def _kind(option: click.Option) -> str:
    if option.is_flag:
        return "checkbox"
    match option.type:
        case click.DateTime():
            return "date"
        case click.Choice():
            return "select"
        case click.types.IntParamType() | click.types.FloatParamType():
            return "number"
    return "text"


def _default(option: click.Option) -> str:
    value = option.default
    is_shown = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_shown else ""


def _help(option: click.Option) -> str:
    text = option.help or ""
    if not option.multiple:
        return text
    # What follows says how to give an option again on a command line.
    return f"{text.partition(';')[0].rstrip('.')}; several with commas between."
