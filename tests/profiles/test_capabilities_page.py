"""The page of capabilities against what the profiles answer."""

from __future__ import annotations

import re
from pathlib import Path

from profiles.customer_information import CustomerInformationProfile
from profiles.diagnostics import DiagnosticsProfile
from profiles.display import DisplayProfile
from profiles.firmware import FirmwareProfile
from profiles.local_list import LocalListProfile
from profiles.monitoring import MonitoringProfile
from profiles.reservation import ReservationProfile
from profiles.security import SecurityProfile
from profiles.smart_charging import SmartChargingProfile
from profiles.tariff_cost import TariffCostProfile
from tests.fakes.box import SCHEMAS, open_box

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "capabilities.md"
_TEXT = PAGE.read_text(encoding="utf-8")


def _rows(heading: str) -> dict[str, str]:
    """Action -> who does it, of the table under a heading."""
    part = _TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (\w+) \| (Station|Box|Both|None) \|", part, re.MULTILINE)
    assert len({action for action, _ in rows}) == len(rows)
    return dict(rows)


def test_every_action_is_on_the_page_once() -> None:
    called, sent = _rows("Actions that the CSMS calls"), _rows("Messages of the station")
    assert not called.keys() & sent.keys()
    assert called.keys() | sent.keys() == SCHEMAS.actions


async def test_what_the_page_offers_has_a_handler_and_nothing_else_has(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        kinds = (
            CustomerInformationProfile,
            DiagnosticsProfile,
            DisplayProfile,
            FirmwareProfile,
            LocalListProfile,
            MonitoringProfile,
            ReservationProfile,
            SecurityProfile,
            SmartChargingProfile,
            TariffCostProfile,
        )
        profiles = [box.profile, *(kind(box.hub, box.backend) for kind in kinds)]
        handled = {action for profile in profiles for action in profile.handlers()}
    called = _rows("Actions that the CSMS calls")
    assert handled == {action for action, who in called.items() if who != "None"}
