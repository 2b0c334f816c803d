#!/usr/bin/env python3
"""Write the generated pages of docs/reference; with --check, only tell which are out of date.

Run it from anywhere with the project's own Python: ``python docs/generate.py``.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from generator.tables import ROOT

sys.path.insert(0, str(ROOT))

from generator.certification import certification_page
from generator.components import components_page
from generator.conformance import conformance_page
from generator.families import families_page, keys_page

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES: dict[str, Callable[[], str]] = {
    "certification.md": certification_page,
    "components.md": components_page,
    "conformance.md": conformance_page,
    "families-schema.md": keys_page,
    "families.md": families_page,
}


def main() -> int:
    """Write or check the pages; 1 if one of them is out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = False
    for name, make in PAGES.items():
        path, text = ROOT / "docs" / "reference" / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale = True
        sys.stderr.write(f"{path.relative_to(ROOT)}: {'out of date' if check else 'written'}\n")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
