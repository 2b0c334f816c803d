"""The steps of each test, as the technician goes through them."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.cli.status import ask
from gateway.limit_orders import LimitOrder, limit_socket
from gateway.limit_orders import answer_from_json as limit_answer
from gateway.limit_orders import to_json as limit_json
from gateway.model.errors import GatewayError
from gateway.model.readings import CURRENT_IMPORT, Reading
from gateway.model.sensing import Judged, Quality
from gateway.model.trial import Check, Verdict, judge_limit, judge_meter, judge_sensor
from gateway.trial_orders import TrialOrder, answer_from_json, to_json, trial_socket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.locale import Catalogue
    from gateway.trial_orders import ShownChannel, TrialAnswer

PATIENCE = 20.0
"""Seconds for an answer: a station may take its time to measure."""

LIMIT = 6.0
"""A per phase: the least that a car charges with (IEC 61851-1)."""

LASTING = 180
"""Seconds after which the limit of a test is over by itself, whatever becomes of the test."""

SETTLE, LOOK = 30.0, 2.0
"""Seconds that a car has to follow a limit, and between two looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a test has found."""

    checks: tuple[Check, ...]
    measured: tuple[tuple[str, str], ...] = ()


class Technician:
    """Who stands in front of the cabinet."""

    def __init__(self, words: Catalogue, *, silent: bool = False) -> None:
        self._words = words
        self._silent = silent

    def confirm(self, question: str, **params: object) -> bool | None:
        """A yes or no; None if nobody is to be asked. Nobody there is a no."""
        if self._silent:
            return None
        with contextlib.suppress(EOFError):
            return input(f"{self._words.word(question, **params)} ").strip().casefold()[:1] in {"y", "j"}
        return False

    def say(self, key: str, **params: object) -> None:
        """Show something."""
        print(self._words.word(key, **params), flush=True)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


def asked(data_dir: Path, order: TrialOrder) -> TrialAnswer:
    """The box's answer to one order.

    Raises:
        GatewayError: what the box says, or that no box runs.
    """
    return _checked(ask(trial_socket(data_dir), PATIENCE, to_json(order)))


def try_sensor(data_dir: Path, name: str, seconds: int, technician: Technician) -> Found:
    """Watch a sensor for a while, and judge each of its channels."""
    seen: dict[str, list[ShownChannel]] = {}
    for second in range(max(1, seconds)):
        if second:
            technician.wait(1.0)
        for channel in asked(data_dir, TrialOrder(what="sensor", name=name)).channels:
            seen.setdefault(channel.variable, []).append(channel)
            technician.say("trial-value", name=channel.variable, value=_value(channel), quality=channel.quality)
    checks = [check for channels in seen.values() for check in _judged(channels)]
    if not checks:
        checks = [Check(name="quality", verdict=Verdict.UNCLEAR, found="-")]
    measured = tuple((variable, _value(channels[-1])) for variable, channels in seen.items())
    return Found(checks=tuple(checks), measured=measured)


def try_relay(data_dir: Path, name: str, technician: Technician) -> Found:
    """Switch an output on and off; the technician says whether that was seen."""
    if technician.confirm("trial-relay-sure", name=name) is False:
        raise GatewayError("test-not-confirmed", value=name)
    with _switched_on(data_dir, name):
        technician.say("trial-relay-on", name=name)
        on = technician.confirm("trial-relay-seen-on")
    technician.say("trial-relay-off", name=name)
    off = technician.confirm("trial-relay-seen-off")
    verdicts = {True: Verdict.PASSED, False: Verdict.FAILED, None: Verdict.UNCLEAR}
    return Found(checks=(Check(name="on", verdict=verdicts[on]), Check(name="off", verdict=verdicts[off])))


def try_meter(data_dir: Path, station: str, evse: int, technician: Technician) -> Found:
    """Read the meter while a vehicle charges."""
    technician.confirm("trial-meter-charge", station=station, evse=evse)
    answer = asked(data_dir, TrialOrder(what="meter", station=station, evse=evse))
    return Found(checks=judge_meter(_readings(answer), answer.phases, answer.max_current), measured=_shown(answer))


def try_limit(data_dir: Path, station: str, evse: int, technician: Technician) -> Found:
    """Lower the limit to 6 A and give it up again; the station's current shows whether it follows."""
    technician.confirm("trial-meter-charge", station=station, evse=evse)
    before, lowered, restored = _current(data_dir, station, evse), None, None
    if before is not None:
        steps = ((0, LIMIT),)
        _limit(data_dir, LimitOrder(station=station, evse=evse, holder="test", steps=steps, lasting=LASTING))
        try:
            technician.say("trial-limit-set", limit=LIMIT)
            lowered = _settled(data_dir, station, evse, technician, below=True)
        finally:
            _limit(data_dir, LimitOrder(station=station, evse=evse, holder="test"))
        technician.say("trial-limit-over")
        restored = _settled(data_dir, station, evse, technician, below=False)
    seen = (("before", before), ("lowered", lowered), ("restored", restored))
    measured = tuple((name, f"{amps:.1f} A") for name, amps in seen if amps is not None)
    return Found(checks=judge_limit(before, lowered, restored, LIMIT), measured=measured)


def _settled(data_dir: Path, station: str, evse: int, technician: Technician, *, below: bool) -> float | None:
    """The current once it has followed, or when time is over."""
    current = None
    for _ in range(round(SETTLE / LOOK)):
        technician.wait(LOOK)
        current = _current(data_dir, station, evse)
        technician.say("trial-current", current="-" if current is None else f"{current:.1f}")
        if current is not None and (current <= LIMIT + 0.5) is below:
            break
    return current


def _current(data_dir: Path, station: str, evse: int) -> float | None:
    """Of the strongest phase, A; None where it is not measured."""
    answer = asked(data_dir, TrialOrder(what="meter", station=station, evse=evse))
    return max((each.value for each in answer.readings if each.measurand == CURRENT_IMPORT), default=None)


def _limit(data_dir: Path, order: LimitOrder) -> None:
    answer = limit_answer(ask(limit_socket(data_dir), PATIENCE, limit_json(order)))
    if answer.error:
        raise GatewayError(answer.error, **answer.params)


@contextlib.contextmanager
def _switched_on(data_dir: Path, name: str) -> Iterator[None]:
    """The output is on for the time of the block: the box switches it off when the connection ends."""
    path = trial_socket(data_dir)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(path))
            connection.sendall(to_json(TrialOrder(what="relay", name=name)))
            lines = connection.makefile("rb")
            _checked(lines.readline())
        except TimeoutError as error:
            raise GatewayError("daemon-silent", value=str(path), seconds=PATIENCE) from error
        except PermissionError as error:
            raise GatewayError("daemon-forbidden", value=str(path)) from error
        except OSError as error:
            raise GatewayError("daemon-absent", value=str(path)) from error
        yield
        with contextlib.suppress(OSError):  # the box has switched it off by itself after a while
            connection.sendall(b"\n")
        _checked(lines.readline())


def _checked(document: bytes) -> TrialAnswer:
    try:
        answer = answer_from_json(document)
    except ValueError as error:
        raise GatewayError("status-unreadable", value="test") from error
    if answer.error:
        raise GatewayError(answer.error, **answer.params)
    return answer


def _judged(channels: list[ShownChannel]) -> tuple[Check, ...]:
    seen = [Judged(each.value, Quality(each.quality)) for each in channels]
    return judge_sensor(seen, channels[-1].low, channels[-1].high)


def _value(channel: ShownChannel) -> str:
    if channel.value is None:
        return "-"
    text = str(channel.value).lower() if isinstance(channel.value, bool) else str(channel.value)
    return f"{text} {channel.unit}".strip()


def _readings(answer: TrialAnswer) -> list[Reading]:
    return [
        Reading(value=each.value, measurand=each.measurand, unit=each.unit, phase=each.phase or None)
        for each in answer.readings
    ]


def _shown(answer: TrialAnswer) -> tuple[tuple[str, str], ...]:
    return tuple((f"{each.measurand} {each.phase}".strip(), f"{each.value:g} {each.unit}") for each in answer.readings)
