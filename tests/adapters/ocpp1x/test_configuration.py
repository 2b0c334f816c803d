"""Keys as variables: every standard key is known to the catalogue, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.ocpp1x.configuration import KEYS_12, KEYS_15, LEGACY, unread_variables, variables_of
from gateway.model.catalogue import standard
from gateway.model.events import StationVariable

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields


def answered(*keys: dict[str, str | bool]) -> Fields:
    return {"configurationKey": [dict(key) for key in keys]}


@pytest.mark.parametrize("key", KEYS_15.values(), ids=lambda key: key.key)
def test_a_key_that_is_a_standard_variable_names_one_that_exists(key: object) -> None:
    found = KEYS_15[str(getattr(key, "key", "")).casefold()]
    if found.variable:
        assert standard(found.component, found.variable, None) is not None


def test_a_vendors_key_keeps_its_name_and_a_repeated_one_counts_once() -> None:
    answer = answered(
        {"key": "X-Fan", "readonly": True, "value": "3"},
        {"key": "x-fan", "readonly": False, "value": "4"},
        {"readonly": False},
        {"key": "metervaluesampleinterval", "value": "60"},
    )
    assert variables_of(answer, KEYS_15) == (
        StationVariable(key="X-Fan", component="LegacyStation", variable="X-Fan", value="3", read_only=True),
        StationVariable(
            key="metervaluesampleinterval",
            component="SampledDataCtrlr",
            variable="TxUpdatedInterval",
            value="60",
            read_only=False,
        ),
    )


def test_the_stations_name_is_never_changed_from_afar() -> None:
    (variable,) = variables_of(answered({"key": "ChargePointId", "readonly": False, "value": "A"}), KEYS_15)
    assert (variable.component, variable.read_only) == ("LegacyStation", True)


def test_no_keys_are_no_variables() -> None:
    assert variables_of({}, KEYS_15) == ()


def test_station_of_1_2_can_be_told_what_it_never_tells() -> None:
    held = {(variable.component, variable.variable): variable for variable in unread_variables(KEYS_12)}
    timeout = held["TxCtrlr", "EVConnectionTimeOut"]
    assert (timeout.key, timeout.unread, timeout.read_only) == ("ConnectionTimeOut", True, False)
    assert (LEGACY, "LightIntensity") in held
    assert not any(variable.key in {"ChargePointId", "StopTxnSampledData"} for variable in held.values())
