"""What a scan has seen as TOML with comments, and how far it is as a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Progress, Sighting
    from gateway.locale import Catalogue

WIDTH = 30

_STATION = """\
[[station]]
identity = "STATION-{number}"    # {identity}
adapter = "{adapter}"
family = "{family}"
connection = {connection}
[[station.evse]]
id = 1
connector = {{ type = "cType2", max_current = 16, phases = 3 }}    # {plate}
"""

_SENSOR = """\
[[sensor]]    # {values}
kind = "{adapter}"
family = "{family}"
connection = {connection}
"""


class Bar:
    """A line on a terminal that is written over and over; nothing where it is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._length = 0

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        if not self._terminal:
            return
        share = progress.done / progress.total if progress.total else 1.0
        full = round(WIDTH * share)
        line = f"[{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%} {progress.where}"
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length = len(line)

    def clear(self) -> None:
        """Make room for other text."""
        if self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0


def shown(sighting: Sighting, number: int, words: Catalogue) -> str:
    """A sighting as text for a site file; what is no station is a comment."""
    text = words.text(sighting.code, {"family": sighting.family, **sighting.params})
    lines = [f"# {sighting.where}: {text.message}"]
    if sighting.asked:
        lines.append(f"#   {words.word('scan-certainty', plausible=sighting.plausible, asked=sighting.asked)}")
    lines += [f"#   {name} = {value}" for name, value in sighting.evidence.items()]
    if text.remedy:
        lines.append(f"#   {text.remedy}")
    if sighting.family:
        lines.append(_toml(sighting, number, words))
    elif sighting.connection:
        lines.append(f"# connection = {inline(sighting.connection)}\n")
    else:
        lines.append("")
    return "\n".join(lines)


def _toml(sighting: Sighting, number: int, words: Catalogue) -> str:
    connection = inline(sighting.connection)
    if sighting.params.get("role") == "meter":
        return f'meter = {{ family = "{sighting.family}", connection = {connection} }}\n'
    if sighting.params.get("role") == "sensor":
        values = words.word("scan-values")
        return _SENSOR.format(adapter=sighting.adapter, family=sighting.family, connection=connection, values=values)
    return _STATION.format(
        number=number,
        identity=words.word("scan-identity"),
        adapter=sighting.adapter,
        family=sighting.family,
        connection=connection,
        plate=words.word("scan-plate"),
    )


def inline(table: Mapping[str, str | int]) -> str:
    """A TOML inline table."""
    return "{ " + ", ".join(f"{key} = {orjson.dumps(value).decode()}" for key, value in table.items()) + " }"
