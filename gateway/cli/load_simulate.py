"""`stationlift load simulate`: days at a site, with the box's own load management and cars that are drawn by chance."""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.bench.plant.baselines import EqualShare
from gateway.bench.plant.habits import Habit
from gateway.bench.plant.own import Wish, own
from gateway.bench.plant.plot import Words, plot
from gateway.bench.plant.record import Record
from gateway.bench.plant.run import run as run_plant
from gateway.chart.png import png
from gateway.chart.svg import svg
from gateway.cli.load_report import Outcome, report
from gateway.cli.sites import usable_site
from gateway.config.files import Nowhere
from gateway.load.build import build
from gateway.load.controller import Controller
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.bench.plant.plant import Plant
    from gateway.bench.plant.run import Step
    from gateway.bench.plant.scenario import Scenario
    from gateway.chart.drawing import Drawing
    from gateway.cli.tools import Tools
    from gateway.load.build import Built

_DAY = 86_400.0
_MOST_DAYS = 31.0
_LEAST_DAYS = 0.01
_MINUTES = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="site file")
    parser.add_argument("--days", type=_days, default=1.0, metavar="N", help="how long, in days (1)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number is another day; the same, the same (1)")  # fmt: skip
    parser.add_argument("--begin", type=_clock, default=0.0, metavar="HH:MM", help="by the clock of the site, on a Monday (00:00)")  # fmt: skip
    parser.add_argument(
        "--cars", choices=[each.value for each in Habit], help="when cars come: over night, in working hours, or for a short while; some of each if absent"
    )  # fmt: skip
    parser.add_argument("--no-faults", action="store_true", help="meters and stations are never lost")
    parser.add_argument("--no-comparison", action="store_true", help="without equal sharing beside it: half the time")
    parser.add_argument(
        "--plot", type=_picture, metavar="FILE", help="draw the loads of all circuits and EVSEs, as .svg or .png"
    )


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0: no fuse was overloaded. 1: one was, or the site cannot be used."""
    built = _built(args.file, tools)
    if built is None:
        return 1
    habit = Habit(args.cars) if args.cars else None
    wish = Wish(seed=args.seed, days=args.days, begin=args.begin, habit=habit, faults=not args.no_faults)
    scenario = own(built, wish)
    controller = Controller(built.site, built.policy)
    ours = _outcome(scenario, lambda seen: controller.step(seen).writes, wish.seed)
    outcomes = {"managed": ours}
    if not args.no_comparison:
        outcomes["equal"] = _outcome(scenario, EqualShare(built.site).step, wish.seed)
    title = _title(built, args, tools)
    print(report(title, outcomes, tools.catalogue))
    if args.plot is not None:
        drawing = plot(built.site, ours.record, begin=wish.begin, seconds=scenario.seconds, words=_words(title, tools))
        _write(args.plot, drawing)
        print(f"\n{tools.catalogue.word('sim-plot', file=args.plot)}")
    return 1 if ours.overloaded else 0


def _built(file: Path, tools: Tools) -> Built | None:
    site = usable_site(file, tools, Nowhere())
    if site is None:
        return None
    adapters = tools.adapters()
    built = build(
        site.box.name,
        site.circuit,
        site.station,
        site.load,
        site.box.timezone,
        lambda station: adapters[station.adapter].own_limit(station.settings),
    )
    if not built.site.evses:
        raise GatewayError("simulate-nothing", value=str(file))
    return built


def _outcome(scenario: Scenario, step: Step, seed: int) -> Outcome:
    record, bar = Record(scenario), _Bar(scenario.seconds)

    def watch(plant: Plant) -> None:
        record.watch(plant)
        bar.show(plant.t)

    return Outcome(result=run_plant(scenario, step, seed=seed, watch=watch), record=record)


class _Bar:
    """How far it is, for somebody at a terminal."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shown = -1
        self._wanted = sys.stderr.isatty()

    def show(self, t: float) -> None:
        percent = int(100 * t / self._seconds)
        if self._wanted and percent != self._shown:
            self._shown = percent
            end = "\n" if percent >= 100 else ""  # noqa: PLR2004 - all of it
            print(f"\r{percent:3} %", end=end, file=sys.stderr, flush=True)


def _title(built: Built, args: argparse.Namespace, tools: Tools) -> str:
    clock = f"{int(args.begin) // 3600:02}:{int(args.begin) % 3600 // _MINUTES:02}"
    return tools.catalogue.word("sim-title", site=built.site.name, days=f"{args.days:g}", begin=clock, seed=args.seed)


def _words(title: str, tools: Tools) -> Words:
    word = tools.catalogue.word
    return Words(
        title=title,
        limit=word("sim-limit"),
        current=word("sim-current"),
        plugged=word("sim-plugged"),
        load=word("sim-load"),
        evses=word("sim-evses"),
        time=word("sim-time"),
    )


def _write(file: Path, drawing: Drawing) -> None:
    try:
        file.write_bytes(png(drawing) if file.suffix == ".png" else svg(drawing).encode())
    except OSError as error:
        raise GatewayError("simulate-plot", value=str(file), reason=error.strerror or str(error)) from error


def _days(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or not _LEAST_DAYS <= value <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(text)
    return value


def _clock(text: str) -> float:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if not found:
        raise argparse.ArgumentTypeError(text)
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


def _picture(text: str) -> Path:
    if not text.endswith((".svg", ".png")):
        raise argparse.ArgumentTypeError(text)
    return Path(text)
