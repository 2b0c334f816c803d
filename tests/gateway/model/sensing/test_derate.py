"""Less current where it gets hot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.sensing import Curve

CURVE = Curve(points=((60.0, 1.0), (75.0, 0.5), (80.0, 0.0)), back=3)


@pytest.mark.parametrize(
    ("warm", "share"), [(20, 1), (60, 1), (67.5, 0.75), (75, 0.5), (77.5, 0.25), (80, 0), (200, 0)]
)
def test_the_share_follows_the_curve(warm: float, share: float) -> None:
    assert CURVE.share(warm) == pytest.approx(share)


def test_less_at_once_and_more_only_when_it_has_cooled() -> None:
    hot = CURVE.after(67.5, before=1.0)
    assert hot == pytest.approx(0.75)
    assert CURVE.after(65.0, before=hot) == hot
    assert CURVE.after(61.5, before=hot) == pytest.approx(0.85)
    assert CURVE.after(57.0, before=hot) == 1.0


@given(st.lists(st.floats(-50, 150), max_size=50))
def test_never_more_than_the_curve_allows(temperatures: list[float]) -> None:
    share = 1.0
    for warm in temperatures:
        share = CURVE.after(warm, before=share)
        assert share <= CURVE.share(warm)


@given(st.floats(0, 100), st.lists(st.floats(-1.4, 1.4), min_size=2, max_size=50))
def test_noise_makes_no_swing(centre: float, noise: list[float]) -> None:
    share, shares = 1.0, []
    for each in noise:
        share = CURVE.after(centre + each, before=share)
        shares.append(share)
    assert shares == sorted(shares, reverse=True)
