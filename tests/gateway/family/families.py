"""Small families of every kind, to be spoiled and tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.load import read_family

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.family.load import FamilyFile

META = """\
[meta]
id = "{id}"
vendor = "Example"
models = ["One"]
completeness = 2
sources = ["the manual"]
"""

MODBUS = """\
schema = 1
kind = "modbus"
{meta}
[link]
transports = ["tcp", "rtu"]
max_span = 16
[defaults]
table = "input"
[points]
state = {{ at = 5, poll = "fast" }}
current = {{ at = 6, n = 3, scale = 0.1, unit = "A" }}
voltage = {{ at = 10, n = 3, unit = "V" }}
energy_total = {{ at = 17, type = "u32", scale = 0.001, unit = "kWh" }}
power_exponent = {{ at = 20, type = "s16" }}
power = {{ at = 21, unit = "W", exponent = "power_exponent" }}
error = {{ at = 22, bits = {{ 0 = "residual current", 3 = "lock" }} }}
standby = {{ at = 258, table = "holding", access = "rw", fc = 16 }}
limit = {{ at = 261, table = "holding", scale = 0.1, unit = "A", access = "rw" }}
release = {{ at = 3, table = "coil", access = "rw" }}
[state]
point = "state"
map = {{ 2 = "A1", 4 = "B1", 5 = "B2", 7 = "C2", 9 = "E", 10 = "F" }}
[faults]
lock = "ConnectorLockFailure"
[control.limit]
write = [{{ point = "limit", value = "value" }}]
max = 16
step = 0.1
verify = {{ point = "limit" }}
[control.enable]
on = [{{ point = "release", value = true }}]
off = [{{ point = "release", value = false }}]
[watchdog]
kind = "none"
[[variant]]
id = "coarse"
probe = {{ point = "standby", ge = 9 }}
set = {{ points = {{ limit = {{ scale = 1.0 }} }} }}
{vectors}"""

MODBUS_VECTORS = """\
[[vector]]
frame = "rtu"
tx = "02 04 00 11 00 02 21 fd"
rx = "02 04 04 00 00 c9 4a 1f 23"
expect = { energy_total = 51.53 }
[[vector]]
frame = "rtu"
tx = "02 04 00 05 00 01 21 f8"
rx = "02 04 02 00 02 7c f1"
expect = { state = 2, letter = "A1" }
[[vector]]
frame = "rtu"
tx = "02 04 00 0a 00 03 90 3a"
rx = "02 04 06 00 ef 00 f1 00 f0 f0 03"
expect = { voltage = [239, 241, 240] }
[[vector]]
fc = 4
at = 20
regs = [2, 74, 0b1001]
expect = { power = 7400, error = ["residual current", "lock"] }
[[vector]]
frame = "tcp"
tx = "00 01 00 00 00 06 01 03 01 05 00 01"
rx = "00 01 00 00 00 05 01 03 02 00 10"
expect = { limit = 1.6 }
[[vector]]
variant = "coarse"
fc = 3
at = 261
regs = [16]
expect = { limit = 16 }
[[vector]]
fc = 1
at = 3
regs = [1]
expect = { release = true }
[[vector]]
frame = "rtu"
tx = "01 10 01 02 00 01 02 00 04 b6 b1"
rx = "01 10 01 02 00 01 a1 f5"
expect_write = { standby = 4 }
[[vector]]
fc = 6
at = 261
regs = [61]
expect_write = { limit = 6.19 }
[[vector]]
frame = "tcp"
tx = "00 01 00 00 00 06 01 05 00 03 ff 00"
expect_write = { enable = true }
"""

ASCII = """\
schema = 1
kind = "modbus-ascii"
{meta}
[link]
rx_start = ">"
[frames]
status = {{ at = 0x2E, n = 5 }}
duty = {{ at = 0x14, n = 1, access = "w" }}
[points]
state = {{ frame = "status", byte = 1, poll = "fast" }}
current = {{ frame = "status", byte = 4, n = 3, type = "u16", order = [2, 1, 0], scale = 0.1, unit = "A", nan = [1000] }}
duty = {{ frame = "duty", type = "u16", access = "w" }}
[derive]
power = "230 * sum(current)"
[state]
point = "state"
map = {{ 0xA1 = "A", 0xB1 = "B1", 0xC2 = "C2", 0xF1 = "F" }}
[control.limit]
write = [{{ point = "duty", value = "int(value / 0.06)" }}]
pause = [{{ point = "duty", value = 1000 }}]
max = 16
[watchdog]
kind = "none"
{vectors}"""

ASCII_VECTORS = """\
[[vector]]
tx = ":0103002E0005C9"
rx = ">01030A2EC29100000100010096D9"
expect = { letter = "C2", current = [15.0, 0.1, 0.1] }
[[vector]]
tx = ":0103002E0005C9"
rx = ">01030A2EA1106403E803E803E8EE"
expect = { letter = "A", current = ["none", "none", "none"] }
[[vector]]
tx = ":01100014000102006474"
rx = ">011000140001DA"
expect_write = { limit = 6.0 }
[[vector]]
tx = ":0110001400010203E8ED"
expect_write = { limit = 0 }
"""

LINE = """\
schema = 1
kind = "ascii-line"
{meta}
[link]
baud = 115200
[framing]
start = "$"
ok = "$OK"
nack = "$NK"
checksum = {{ prefix = "^" }}
unasked = ["$AT"]
[commands]
state = {{ tx = "$GS", rx = "{{state:x}} {{elapsed:d}} {{pilot:x}}", optional_fields = ["pilot"] }}
meter = {{ tx = "$GG", rx = "{{milliamps:d}} {{millivolts:d}}" }}
set_limit = {{ tx = "$SC {{amps:d}} V", rx = "{{amps_set:d}}", accept_nack = true }}
sleep = {{ tx = "$FS" }}
enable = {{ tx = "$FE" }}
[unasked.change]
rx = "$AT {{state:x}} {{pilot:x}}"
command = "state"
[points]
state = {{ from = "state.state", poll = "fast" }}
session_time = {{ from = "state.elapsed", unit = "s" }}
current = {{ from = "meter.milliamps", scale = 0.001, unit = "A", nan = [-1] }}
[state]
rules = [
  {{ when = "state == 1", state = "A" }},
  {{ when = "state == 2", state = "B2" }},
  {{ when = "state == 3", state = "C2" }},
  {{ when = "state in [5, 6]", state = "F" }},
]
[control.limit]
write = [{{ send = "set_limit", args = {{ amps = "int(value)" }} }}]
pause = "disable"
max = 80
[control.enable]
on = [{{ send = "enable" }}]
off = [{{ send = "sleep" }}]
[watchdog]
kind = "none"
{vectors}"""

LINE_VECTORS = """\
[[vector]]
tx = "$GS^30"
rx = "$OK 03 42"
expect = { letter = "C2", session_time = 42 }
[[vector]]
tx = "$GG^24"
rx = "$OK 15900 -1"
expect = { current = 15.9 }
[[vector]]
rx = "$AT 01 1"
expect = { letter = "A" }
[[vector]]
tx = "$SC 6 V"
expect_write = { limit = 6.9 }
[[vector]]
tx = "$FS"
expect_write = { limit = 0 }
[[vector]]
tx = "$FE"
expect_write = { enable = true }
"""

MQTT = """\
schema = 1
kind = "mqtt"
{meta}
[link]
prefix = "warp"
[topics]
evse = {{ sub = "{{prefix}}/evse/state" }}
meter = {{ sub = "{{prefix}}/meter/power" }}
set_limit = {{ pub = "{{prefix}}/evse/external_current_update", payload = '{{"current":{{ma:d}}}}' }}
[points]
state = {{ from = "evse", ptr = "/iec61851_state", poll = "fast" }}
limit = {{ from = "evse", ptr = "/allowed", scale = 0.001, unit = "A" }}
power = {{ from = "meter", unit = "W" }}
[state]
point = "state"
map = {{ 0 = "A", 1 = "B1", 2 = "C2", 4 = "F" }}
[control.limit]
write = [{{ send = "set_limit", args = {{ ma = "round(value * 1000)" }} }}]
max = 32
verify = {{ point = "limit" }}
[watchdog]
kind = "none"
{vectors}"""

MQTT_VECTORS = """\
[[vector]]
topic = "warp/evse/state"
payload = '{"iec61851_state": 2, "allowed": 16000}'
expect = { letter = "C2", limit = 16 }
[[vector]]
topic = "warp/meter/power"
payload = "3680.5"
expect = { power = 3680.5 }
[[vector]]
topic = "warp/evse/external_current_update"
payload = '{"current": 6500}'
expect_write = { limit = 6.5 }
"""

HTTP = """\
schema = 1
kind = "http-json"
{meta}
[link]
base = "http://{{host}}"
[requests]
status = {{ get = "/api/status" }}
set = {{ get = "/api/set?{{key}}={{value:json}}" }}
[points]
car = {{ from = "status", ptr = "/car", poll = "fast" }}
limit = {{ from = "status", ptr = "/amp", unit = "A" }}
current = {{ from = "status", ptr = ["/nrg/4", "/nrg/5", "/nrg/6"], unit = "A" }}
[state]
point = "car"
map = {{ 1 = "A", 2 = "C2", 3 = "B2", 5 = "F" }}
[control.limit]
write = [{{ send = "set", args = {{ key = "'amp'", value = "int(value)" }} }}]
max = 32
verify = {{ point = "limit" }}
[control.authorize]
seq = [{{ send = "set", args = {{ key = "'trx'", value = "token" }} }}]
[watchdog]
kind = "none"
{vectors}"""

HTTP_VECTORS = """\
[[vector]]
source = "status"
payload = '{"car": 2, "amp": 16, "nrg": [230, 231, 232, 0, 15.9, 15.8, 15.7]}'
expect = { letter = "C2", limit = 16, current = [15.9, 15.8, 15.7] }
[[vector]]
source = "set"
tx = "/api/set?amp=10"
expect_write = { limit = 10.8 }
[[vector]]
source = "set"
tx = "/api/set?trx=%22a%26b%22"
expect_write = { authorize = "a&b" }
"""

UDP = """\
schema = 1
kind = "udp-json"
{meta}
[link]
remote_port = 7090
[commands]
report2 = {{ tx = "report 2", match = {{ ID = "2" }} }}
curr = {{ tx = "curr {{ma:d}}", rx = "TCH-OK" }}
[points]
state = {{ from = "report2", ptr = "/State", poll = "fast", push = true }}
limit = {{ from = "report2", ptr = "/Curr user", scale = 0.001, unit = "A" }}
[state]
point = "state"
map = {{ 1 = "A", 2 = "B2", 3 = "C2", 4 = "F" }}
[control.limit]
write = [{{ send = "curr", args = {{ ma = "round(value * 1000)" }} }}]
max = 63
verify = {{ point = "limit" }}
[watchdog]
kind = "none"
{vectors}"""

UDP_VECTORS = """\
[[vector]]
source = "report2"
payload = '{"ID": "2", "State": 3, "Curr user ": 10000}'
expect = { letter = "C2", limit = 10 }
[[vector]]
payload = '{"ID": "2", "State": 1}'
expect = { letter = "A" }
[[vector]]
payload = '{"State": 2}'
expect = { letter = "B2" }
[[vector]]
tx = "curr 6000"
expect_write = { limit = 6 }
"""

KINDS = {
    "modbus": (MODBUS, MODBUS_VECTORS),
    "modbus-ascii": (ASCII, ASCII_VECTORS),
    "ascii-line": (LINE, LINE_VECTORS),
    "mqtt": (MQTT, MQTT_VECTORS),
    "http-json": (HTTP, HTTP_VECTORS),
    "udp-json": (UDP, UDP_VECTORS),
}


def text_of(kind: str, vectors: str | None = None) -> str:
    """The text of the family of that kind, with its own vectors or with others."""
    body, own = KINDS[kind]
    return body.format(meta=META.format(id=f"small-{kind}"), vectors=own if vectors is None else vectors)


def family_file(folder: Path, text: str) -> FamilyFile:
    """A text as a family file, read."""
    file = folder / "family.toml"
    file.write_text(text, encoding="utf-8")
    return read_family(file)
