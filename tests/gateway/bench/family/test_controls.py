"""Every family that comes with the box: what its file says of control works at the station that the file makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.car import Car
from gateway.family.library import all_families
from gateway.family.load import FamilyInvalid, read_family
from tests.gateway.bench.family.steps import do, values_of
from tests.gateway.bench.family.support import SAMPLES, Bench

if TYPE_CHECKING:
    from gateway.family.family import AnyFamily
    from gateway.family.load import FamilyFile

FILES = {path.stem: path for path in (*sorted(SAMPLES.glob("*.toml")), *all_families().values())}
_STRONG = Car(max_current=2000.0, room=1_000_000.0)  # no limit of a DC station is too much for it


def _kinds() -> dict[str, tuple[FamilyFile, tuple[str, ...]]]:
    """Every family of stations without variants, and with each."""
    found: dict[str, tuple[FamilyFile, tuple[str, ...]]] = {}
    for name, path in FILES.items():
        try:
            file = read_family(path)
        except FamilyInvalid:
            continue  # shown where families are tested
        if file.base.meta.role == "station":
            found[name] = (file, ())
            found |= {f"{name}+{each.id}": (file, (each.id,)) for each in file.base.variant}
    return found


KINDS = _kinds()


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def bench(request: pytest.FixtureRequest) -> Bench:
    file, variants = request.param
    return Bench(file, *variants)


async def test_a_limit_is_obeyed_and_shown(bench: Bench) -> None:
    limit = bench.family.control.limit
    if limit is None:
        pytest.skip("no limit")
    await _release(bench)
    bench.outlet.plug(_STRONG)
    for share in (0.0, 1.0, 0.5, 0.3):
        value = _stepped(bench.family, limit.min + share * (limit.max - limit.min))
        await _set(bench, value)
        assert bench.outlet.flags.limit == pytest.approx(value, abs=limit.step + 0.1)
        assert bench.outlet.flags.limit <= value + 1e-6
        await _settled(bench)
        amps = bench.outlet.summary()["limit"]
        assert isinstance(amps, float)
        assert bench.outlet.charge.evse.current == pytest.approx(amps, abs=0.01)
        if limit.verify is not None:
            seen = values_of(bench)[limit.verify.point]
            assert isinstance(seen, int | float)
            assert seen <= value + limit.verify.tol + 1e-6
            assert limit.verify.le or seen >= value - limit.verify.tol - 1e-6


async def test_a_pause_holds_and_goes_on(bench: Bench) -> None:
    limit = bench.family.control.limit
    if limit is None:
        pytest.skip("no limit")
    await _release(bench)
    bench.outlet.plug(_STRONG)
    await _set(bench, _stepped(bench.family, limit.max))
    await _settled(bench)
    assert bench.outlet.charge.evse.current > 0
    if limit.pause == "disable":
        assert bench.family.control.enable is not None
        await do(bench, bench.family.control.enable.off)
    elif limit.pause == "zero":
        await _set(bench, 0.0)
    else:
        await do(bench, limit.pause)
    assert bench.outlet.charge.evse.current == 0
    await _settled(bench)
    await _set(bench, _stepped(bench.family, limit.max))
    await _release(bench)
    await _settled(bench)
    assert bench.outlet.charge.evse.current > 0


async def test_what_enables_and_disables(bench: Bench) -> None:
    enable = bench.family.control.enable
    if enable is None or (enable.when is not None and enable.when.evaluate(values_of(bench)) is not True):
        pytest.skip("nothing that enables")
    bench.outlet.plug(_STRONG)
    await do(bench, enable.on)
    await _settled(bench)
    assert bench.outlet.charge.evse.current > 0
    await do(bench, enable.off)
    assert bench.outlet.charge.evse.current == 0


async def test_all_other_verbs_are_taken(bench: Bench) -> None:
    control = bench.family.control
    bench.outlet.plug(_STRONG)
    for sequence in (control.start, control.authorize, control.unlock, control.wake_ev, control.stop, control.reset):
        if sequence is not None:
            await do(bench, sequence.seq, token="04A1B2C3")
    for one, other in (
        *((each.on, each.off) for each in (control.lock, control.availability) if each is not None),
        *(((control.phases.one, control.phases.three),) if control.phases is not None else ()),
    ):
        await do(bench, one)
        await do(bench, other)


async def test_phases_change(bench: Bench) -> None:
    phases = bench.family.control.phases
    if phases is None:
        pytest.skip("no change of phases")
    await do(bench, phases.one)
    assert bench.outlet.flags.phases == 1
    await do(bench, phases.three)
    assert bench.outlet.flags.phases == 3


async def test_an_unfed_watchdog_strikes(bench: Bench) -> None:
    watchdog = bench.family.watchdog
    if watchdog.kind in {"none", "unknown"} or not (watchdog.timeout_s or watchdog.timeout):
        pytest.skip("no watchdog with a known time")
    await do(bench, watchdog.setup, fallback=6.0, timeout=60.0)  # as a site may ask for
    bench.outlet.heard()
    bench.outlet.heard()
    limit = bench.family.control.limit
    if limit is not None:
        await _set(bench, _stepped(bench.family, limit.max))
    await do(bench, watchdog.seq)
    assert not bench.outlet.struck
    await bench.clock.advance(7200)
    assert bench.outlet.struck


async def _settled(bench: Bench) -> None:
    bench.outlet._watch.forget()  # nobody feeds it here
    await bench.clock.advance(300)  # 1000 A take a while


async def _release(bench: Bench) -> None:
    control = bench.family.control
    enable = control.enable
    if enable is not None and (enable.when is None or enable.when.evaluate(values_of(bench)) is True):
        await do(bench, enable.on)
    elif control.limit is None and control.start is not None:
        await do(bench, control.start.seq)


async def _set(bench: Bench, value: float) -> None:
    limit = bench.family.control.limit
    assert limit is not None
    phases = bench.outlet.flags.phases
    amps = value if limit.unit == "A" else value / (230.0 * phases)
    await do(bench, limit.write, value=value, amps=amps, phases=phases)


def _stepped(family: AnyFamily, value: float) -> float:
    limit = family.control.limit
    assert limit is not None
    return round(int(value / limit.step + 1e-6) * limit.step, 9)
