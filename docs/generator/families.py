"""The pages of families."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from gateway.family import overview
from gateway.family.canonical import UNITS
from gateway.family.describe import key_tables
from gateway.family.family import Role
from gateway.family.library import all_families
from gateway.family.load import read_family
from gateway.family.state import Letter
from generator.tables import page, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.describe import Key
    from gateway.family.family import AnyFamily


def keys_page() -> str:
    """The keys of family files."""
    lines: list[str] = []
    for section in key_tables():
        rows = ((f"`{key.name}`", key.type, _default(key), key.text) for key in section.keys)
        lines += [
            "",
            f"## {section.heading}",
            "",
            section.text,
            "",
            *table(("Key", "Type", "Default", "Meaning"), rows),
        ]
    units = ((f"`{name}`", ", ".join(each for each in UNITS[name] if each)) for name in UNITS)
    return page(
        "Family files",
        "One TOML file for each family of stations. [Add a family](../how-to/add-a-family.md) shows how to write one.",
        "",
        "An expression is a number, a boolean, or a text such as `state in [1, 5] and bit(flags, 2)`: names, numbers, texts in",
        "quotes, `+ - * / // %`, `& | << >>`, comparisons, `and`, `or`, `not`, `a if b else c`, lists, and the functions bit,",
        "min, max, abs, round, int, float, trunc, sum, any, all, len. What is not known makes the result unknown.",
        "",
        "A text with places has `{name}` or `{name:format}`, where the format is d, x, X, f, s or json with width and digits as",
        "in `02X`. The fields of an answer (`rx`) are `{name:d}` (decimal), x (hex), f (with a fraction) or s (text).",
        "",
        f"States: {', '.join(each.value for each in Letter)}.",
        "",
        "## Points that the box knows",
        "",
        "Any other name is the family's own, for its expressions and steps.",
        "",
        *table(("Point", "Unit"), units),
        *lines,
    )


def families_page() -> str:
    """The families that come with the box."""
    known = sorted((read_family(path).base for path in all_families().values()), key=lambda each: each.meta.id)
    stations, meters, sensors = ([each for each in known if each.meta.role == role] for role in get_args(Role))
    return page(
        "Families",
        f"The box comes with {len(stations)} families of stations without OCPP, {len(meters)} of meters, and {len(sensors)} of",
        "other sensors and of modules of inputs and relays.",
        "`stationlift family list` shows the same, with those of your own beside the site file.",
        "",
        "A station that is not here: [Add a family](../how-to/add-a-family.md).",
        "",
        "## Stations",
        "",
        *table(
            ("Family", "Vendor", "Models", "Wire", "Complete", "Vectors", "Guesses"),
            (_family_row(each) for each in stations),
        ),
        "",
        "- Wire: the settings are those from the factory. `connection` of the site file says otherwise where it must.",
        "- Complete: 1 is outlined, 2 reads and limits, 3 has all that the box uses.",
        "- Vectors: recorded or constructed frames that tests decode. Guesses: facts that nobody has tried; see below.",
        "",
        "## What the stations can do",
        "",
        *table(
            ("Family", "Limit", "Read back", "Held by", "Cards", "Unlock", "Measures", "Watchdog", "Phases"),
            (_ability_row(each) for each in stations),
        ),
        "",
        '- Limit: per phase in A, or W in all. "worn": it is kept in a memory that wears, so the box writes it less often.',
        "- Read back: the point by which the box sees that a limit has come into effect. Without one it cannot see it.",
        "- Held by: what holds charging back until it is released.",
        "- Cards: the station tells the numbers of its own reader's cards. Where it does not, a reader may be added.",
        "- Measures: what there is without an added meter. Without energy, the box adds up power or current over time; without",
        "  any of them, add a meter.",
        '- Watchdog: what the station wants to hear, and after what time it falls back by itself. "?": not known.',
        "- Phases: the family says how to change between one and three. The box does not do so yet.",
        "",
        "## Meters",
        "",
        *table(
            ("Family", "Vendor", "Models", "Wire", "Complete", "Vectors", "Guesses", "Measures"),
            ((*_family_row(each), overview.measures(each)) for each in meters),
        ),
        "",
        "A meter may also be a `[[sensor]]`.",
        "",
        "## Sensors",
        "",
        *table(
            (
                "Family",
                "Vendor",
                "Models",
                "Wire",
                "Complete",
                "Vectors",
                "Guesses",
                "Measures",
                "Switches",
                "Inputs every",
            ),
            (
                (*_family_row(each), overview.measures(each), overview.switches(each), overview.soonest(each))
                for each in sensors
            ),
        ),
        "",
        "- Switches: outputs that a reaction, or the backend, can switch.",
        "- Inputs every: how often contacts are read. Devices that tell by themselves are not asked.",
        "",
        "## Before you connect one",
        *(line for each in (*stations, *meters, *sensors) for line in _remarks(each)),
    )


def _family_row(family: AnyFamily) -> tuple[str, ...]:
    meta = family.meta
    also = f"; also sold as {', '.join(meta.rebrands)}" if meta.rebrands else ""
    counts = (meta.completeness, len(family.vector), len(tuple(overview.doubts(family))))
    models = ", ".join(meta.models) + also
    return (f"[{meta.id}](#{meta.id})", meta.vendor, models, overview.wires(family), *map(str, counts))


def _ability_row(family: AnyFamily) -> tuple[str, ...]:
    control = family.control
    can = ("rfid" in family.points, control.unlock is not None)
    return (
        f"[{family.meta.id}](#{family.meta.id})",
        overview.limit(family),
        overview.read_back(family),
        overview.hold(family),
        *("yes" if each else "" for each in can),
        overview.measures(family),
        overview.watchdog(family),
        "yes" if control.phases is not None else "",
    )


def _remarks(family: AnyFamily) -> Iterator[str]:
    """What has to be known of a family; nothing for one of which there is nothing to say."""
    remarks = [*family.quirks, *(f"Not verified: {each}" for each in overview.doubts(family))]
    yield from ("", f"### {family.meta.id}", "")
    yield from (f"- {each}" for each in remarks or ["Nothing special is known."])


def _default(key: Key) -> str:
    if key.required:
        return "required"
    return f"`{key.default}`" if key.default else ""
