"""Error codes of OCPP 1.x as problems of components."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.catalogue import resolve_component, standard
from gateway.model.problems import COMPONENTS, ERROR_CODES, fault_of
from gateway.model.transactions import StoppedReason, cause_of_fault


@pytest.mark.parametrize("code", ["NoError", ""])
def test_no_error_is_no_fault(code: str) -> None:
    assert fault_of(code) is None


@pytest.mark.parametrize("code", sorted(ERROR_CODES))
def test_every_code_is_a_boolean_of_a_standard_component(code: str) -> None:
    fault = fault_of(code, vendor_code="E42", info="door")
    assert fault is not None
    assert resolve_component(fault.component) == fault.component
    entry = standard(fault.component, fault.variable)
    assert entry is not None
    assert entry.type == "boolean"
    assert (fault.code, fault.vendor_code, fault.info) == (code, "E42", "door")


def test_a_lock_that_fails_is_named_as_the_standard_wants_it() -> None:
    fault = fault_of("ConnectorLockFailure")
    assert fault is not None
    assert fault.key == ("ConnectorPlugRetentionLock", "Problem")


@given(st.text(min_size=1).filter(lambda code: code != "NoError"))
def test_any_code_is_some_fault_with_the_code_kept(code: str) -> None:
    fault = fault_of(code)
    assert fault is not None
    assert fault.code == code
    assert fault.key in COMPONENTS


def test_the_reason_of_a_stop_follows_the_first_telling_fault() -> None:
    assert cause_of_fault(("HighTemperature", "OverCurrentFailure")).reason is StoppedReason.OVERCURRENT_FAULT
    assert cause_of_fault(()).reason is StoppedReason.OTHER
