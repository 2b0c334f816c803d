"""What the page on bundles shows works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.files import Nowhere
from gateway.config.load import examine
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from gateway.config.load import Examined

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "bundles.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def examined(folder: Path, bundles: str) -> Examined:
    site = write_site(folder, GOOD + bundles.replace("AT-1", "AT-2"))  # the one with two EVSEs
    return examine(site, ADAPTERS, profiles=PROFILES, sensors=sensor_models(load_sensors()), files=Nowhere())


def test_the_first_example_is_whole(tmp_path: Path) -> None:
    assert [each for each in examined(tmp_path, BLOCKS[0]).findings if each.severity != "note"] == []


def test_the_others_lack_only_what_they_leave_open(tmp_path: Path) -> None:
    for block in BLOCKS[1:3]:
        found = [each for each in examined(tmp_path, block).findings if each.severity != "note"]
        assert {each.code for each in found} == {"bundle-key"}
        assert {each.params["sensor"] for each in found} <= {
            "door",
            "water",
            "heat",
            "outside",
            "fire",
            "breaker",
            "rcd",
        }


def test_the_bundle_of_ones_own_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "cold-room.toml").write_text(BLOCKS[3])
    use = '[[bundle]]\nuse = "cold-room"\nset.heater.line.offset = 4\n'
    assert [each.code for each in examined(tmp_path, use).findings] == ["bundle-brings"]
