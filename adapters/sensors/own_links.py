"""Which of the box's network interfaces is its wired link and which its radio link, and how they do."""

from __future__ import annotations

import fcntl
import socket
import struct
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from adapters.sensors.files import text
from adapters.sensors.own_readings import network
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.model.sensing import Value

Medium = Literal["wired", "radio"]

_SIOCGIFADDR = 0x8915
"""Asks for the IPv4 address of an interface (netdevice(7))."""
_IFREQ = struct.Struct("16s2xH4s8x")
_GLOBAL = "00"
"""Scope of an address that is of use beyond the box's own network (net/ipv6, IPV6_ADDR_SCOPE)."""


def link(root: Path, medium: Medium) -> dict[str, Value]:
    """The link of a medium that is in use, or else the first that there is.

    Radio is what the kernel calls wwan or wlan. Wired is all other hardware, and what carries the default route without
    being hardware, as in a container.
    """
    folder = root / "sys/class/net"
    names = sorted(each.name for each in folder.iterdir()) if folder.exists() else []
    mine = [name for name in names if _medium(root, name) == medium]
    up = [name for name in mine if _up(root, name)]
    if not mine:
        return {"there": False, "active": False}
    name = (up or mine)[0]
    address = _address(root, name)
    found: dict[str, Value] = {"there": True, "active": bool(up), "interface": name}
    return found | ({"address": address} if address else {})


def _medium(root: Path, name: str) -> Medium | None:
    folder = root / "sys/class/net" / name
    kind = _lines(folder / "uevent")
    if {"DEVTYPE=wwan", "DEVTYPE=wlan"} & set(kind) or (folder / "wireless").exists():
        return "radio"
    return "wired" if (folder / "device").exists() or name == _default(root) else None


def _up(root: Path, name: str) -> bool:
    try:
        return network(root, name)["up"] is True
    except GatewayError:
        return False  # it has gone this moment


def _default(root: Path) -> str | None:
    """The interface of the IPv4 default route, as /proc/net/route has it."""
    routes = (line.split() for line in _lines(root / "proc/net/route")[1:])
    return next((route[0] for route in routes if len(route) > 1 and int(route[1], 16) == 0), None)


def _address(root: Path, name: str) -> str | None:
    """IPv4 if it has one, else a global IPv6 address."""
    if root == Path("/"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                found = fcntl.ioctl(probe, _SIOCGIFADDR, _IFREQ.pack(name.encode(), socket.AF_INET, bytes(4)))
            except OSError:
                pass  # it has none
            else:
                return str(ip_address(found[20:24]))
    rows = (line.split() for line in _lines(root / "proc/net/if_inet6"))
    found6 = (row[0] for row in rows if len(row) == 6 and row[5] == name and row[3] == _GLOBAL)  # noqa: PLR2004 columns
    return next((str(ip_address(bytes.fromhex(each))) for each in found6), None)


def _lines(path: Path) -> list[str]:
    try:
        return text(path).splitlines()
    except GatewayError:
        return []
