"""Totals of counted pulses over restarts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import GatewayError
from gateway.sensing.totals import Total, Totals
from tests.fakes.panel import FakePanel

if TYPE_CHECKING:
    from pathlib import Path

METER = ("meter", "pulses")

KILLED = """
import sys, time
from pathlib import Path
from gateway.sensing.totals import Totals
from tests.fakes.panel import FakePanel
panel = Totals(Path(sys.argv[1]), [("meter", "pulses")]).on(FakePanel())
for count in range(1, 4322):
    panel.told("meter", {"pulses": float(count)})
print("counted", flush=True)
time.sleep(60)
"""


def told(panel: FakePanel) -> list[object]:
    return [values["pulses"] for _, values in panel.values]


def test_a_total_goes_on_where_it_was(tmp_path: Path) -> None:
    for start in (0.0, 5.0, 10.0):
        totals, panel = Totals(tmp_path, [METER]), FakePanel()
        for count in (0.0, 2.0, 5.0):
            totals.on(panel).told("meter", {"pulses": count, "other": 1.0})
        assert told(panel) == [start, start + 2, start + 5]
        totals.close()


def test_a_driver_that_begins_anew_counts_from_0(tmp_path: Path) -> None:
    totals, panel = Totals(tmp_path, [METER]), FakePanel()
    for count in (7.0, 0.0, 1.0):
        totals.on(panel).told("meter", {"pulses": count})
    assert told(panel) == [7.0, 7.0, 8.0]
    totals.close()


def test_kill_9_loses_no_pulse(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"counted\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
    totals, panel = Totals(tmp_path, [METER]), FakePanel()
    totals.on(panel).told("meter", {"pulses": 0.0})
    assert told(panel) == [4321.0]
    totals.close()


@given(cut=st.integers(0, 27), garbage=st.binary(min_size=1, max_size=8))
def test_a_power_cut_in_the_middle_of_a_write_costs_only_that_write(
    tmp_path_factory: pytest.TempPathFactory, cut: int, garbage: bytes
) -> None:
    path = tmp_path_factory.mktemp("totals") / "meter"
    total = Total(path)
    for count in (10.0, 20.0, 30.0):  # the last one is in the slot that odd numbers are written to
        total.counted(count)
    total.close()
    content = bytearray(path.read_bytes())
    content[512 + cut : 512 + cut + len(garbage)] = garbage
    path.write_bytes(content)
    again = Total(path)
    assert again.counted(0.0) in {20.0, 30.0}
    again.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GatewayError) as error:
        Totals(tmp_path / "file" / "totals", [METER])
    assert error.value.code == "storage-failed"


def test_nothing_counted_is_nothing_in_between(tmp_path: Path) -> None:
    panel = FakePanel()
    assert Totals(tmp_path / "totals", []).on(panel) is panel
    assert not (tmp_path / "totals").exists()
