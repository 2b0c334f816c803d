"""The variables of security and of the way to the CSMS (OCPP 2.0.1 Part 2, 2.1.1-2.1.7, 2.1.32, 2.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import DataType, Mutability, VariableRef, VariableSpec
from gateway.model.network import MESSAGE_TIMEOUT, SITE_SLOT, SLOTS
from gateway.model.trust import certificates_in
from profiles.common.variable_specs import fixed, follows, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.installation import Installation

SHORTEST, LONGEST = 16, 64
"""Lengths of a password (A00.FR.205 as of the errata 2025-09)."""
MOST_CERTIFICATES = 20
"""Beside those of the site file, however many these are."""
LONGEST_CHAIN = 10_000

PASSWORD = VariableRef(component="SecurityCtrlr", variable="BasicAuthPassword")
PRIORITY = VariableRef(component="OCPPCommCtrlr", variable="NetworkConfigurationPriority")
ENTRIES = VariableRef(component="SecurityCtrlr", variable="CertificateEntries")
ROOT_CHECK = VariableRef(component="SecurityCtrlr", variable="AdditionalRootCertificateCheck")
DOWNGRADE = VariableRef(component="SecurityCtrlr", variable="AllowSecurityProfileDowngrade")
WILDCARDS = VariableRef(component="SecurityCtrlr", variable="AllowCSMSTLSWildcards")
RELEVANT = frozenset({PRIORITY, DOWNGRADE, WILDCARDS})
"""A change of these is a change of security, which the log has to tell of."""

_DAY = 86_400


def security_variables(known: Installation) -> Iterator[VariableSpec]:
    """Every variable of this profile.

    Args:
        known: What the site file knows of the station.
    """
    name = "OCPPCommCtrlr"
    yield place(name, "ActiveNetworkProfile", str(SITE_SLOT))
    yield replace(writable(name, "NetworkConfigurationPriority", str(SITE_SLOT)), values=tuple(map(str, SLOTS)))
    yield writable(name, "NetworkProfileConnectionAttempts", "3", minimum=1, maximum=100)
    yield replace(fixed(name, "MessageTimeout", str(MESSAGE_TIMEOUT), instance="Default"), constant=False)
    yield writable("ClockCtrlr", "TimeAdjustmentReportingThreshold", "20", minimum=2, maximum=_DAY)
    name = "SecurityCtrlr"
    yield fixed(name, "AdditionalRootCertificateCheck", _boolean(known.root_check))
    yield writable(name, "AllowCSMSTLSWildcards", _boolean(known.wildcards))
    yield writable(name, "AllowSecurityProfileDowngrade", "false")
    yield VariableSpec(
        ref=PASSWORD, type=DataType.STRING, mutability=Mutability.WRITE_ONLY, max_length=LONGEST, secret=True
    )
    of_site = len(certificates_in(known.roots))
    yield place(name, "CertificateEntries", "0", maximum=MOST_CERTIFICATES + of_site)
    yield writable(name, "CertSigningRepeatTimes", "2", minimum=0, maximum=20)
    yield writable(name, "CertSigningWaitMinimum", "60", minimum=1, maximum=_DAY)
    yield fixed(name, "MaxCertificateChainSize", str(LONGEST_CHAIN), maximum=LONGEST_CHAIN)
    yield place(name, "SecurityProfile", str(known.security_profile))


def plug_and_charge_variables() -> Iterator[VariableSpec]:
    """``ISO15118Ctrlr`` of a station that has it; its settings are the station's own (OCPP 2.0.1 Part 2, 2.12)."""
    name = "ISO15118Ctrlr"
    yield fixed(name, "Available", "true")
    yield follows(name, "PnCEnabled", "false")
    yield follows(name, "ContractValidationOffline", "false")
    yield follows(name, "CentralContractValidationAllowed", "false")


def _boolean(value: bool) -> str:  # noqa: FBT001 - a conversion, not a switch
    return str(value).lower()
