"""A meter that signs transactions, on a real Modbus server: registers of an Iskra WM3M4C, and a key of its own."""

from __future__ import annotations

import asyncio
import base64
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bench.csms.ledger import Payload

UNIT = 33
STATE, COMMAND, STATUS, CLOCK, META_SIZE, OCMF_SIZE, SIGNATURE_SIZE, SYNC = (
    7000, 7051, 7052, 7054, 7056, 7057, 7058, 7071,
)  # fmt: skip
META, OCMF, KEY, SIGNATURE, ALL = 7100, 7612, 8124, 8188, 8300
IDLE, ACTIVE, POWER_FAILED = 0, 1, 2
BUSY, OK, ERROR = 2, 15, 128
BEGIN, END = 0x42, 0x72
_PAGES = b"\x00" * 2 * 64


class SigningMeter:
    """The registers, and what a command makes of them.

    Attributes:
        wh: Imported energy.
        commands: All that it was told, in order.
        heads: What it was told of who charges, at each begin.
        broken: It takes commands and never signs.
        slow: Looks at its status until it has signed.
    """

    def __init__(self) -> None:
        self.wh = 1000
        self.commands: list[str] = []
        self.heads: list[dict[str, Any]] = []
        self.broken = False
        self.slow = 1
        self.asked = asyncio.Event()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._begun: dict[str, Any] | None = None
        self._busy = 0
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        self.registers = [0] * ALL
        self._put(self.registers, KEY, point)
        self.device = SimDevice(
            id=UNIT,
            simdata=[SimData(0, values=self.registers, datatype=DataType.REGISTERS)],
            action=self._act,
        )

    @staticmethod
    def _put(registers: list[int], at: int, data: bytes) -> None:
        padded = data + b"\0" * (len(data) % 2)
        registers[at : at + len(padded) // 2] = [
            int.from_bytes(padded[i : i + 2], "big") for i in range(0, len(padded), 2)
        ]

    async def _act(
        self, function: int, start: int, address: int, count: int, registers: list[int], written: list[Any] | None
    ) -> None:
        del function, start
        if self.registers is not registers:
            registers[:] = self.registers
            self.registers = registers
        if written is None and address <= STATUS < address + count and registers[STATUS] == BUSY and not self.broken:
            self._busy -= 1
            registers[STATUS] = BUSY if self._busy > 0 else OK
        if written is None and address <= 418 < address + count:
            registers[418:420] = [self.wh >> 16, self.wh & 0xFFFF]
        if written is not None and address == COMMAND:
            self._command(written[0] >> 8, registers)
            self.asked.set()

    def _command(self, letter: int, registers: list[int]) -> None:
        state = registers[STATE]
        self.commands.append({BEGIN: "begin", END: "end"}.get(letter, "?"))
        fits = state == IDLE if letter == BEGIN else state != IDLE
        if not fits or registers[SYNC] != 2:
            registers[STATUS] = ERROR
            return
        registers[STATUS], self._busy = BUSY, self.slow
        if self.broken:
            return
        size = registers[META_SIZE]
        data = b"".join(word.to_bytes(2, "big") for word in registers[META : META + 512])
        head = orjson.loads(data[:size])
        reading = {
            "TM": "2026-01-01T00:00:00,000+0000 S", "TX": "B" if letter == BEGIN else "E",
            "RV": self.wh / 1000, "RI": "1-b:1.8.0", "RU": "kWh", "ST": "G",
        }  # fmt: skip
        if letter == BEGIN:
            self.heads.append(head)
            self._begun, registers[STATE] = reading, ACTIVE
            rows = [reading]
        else:
            rows, registers[STATE] = [self._begun or {}, reading], IDLE
        payload = orjson.dumps({**head, "RD": rows})
        signature = self._key.sign(payload, ec.ECDSA(SHA256()))
        self._put(registers, OCMF, payload)
        self._put(registers, SIGNATURE, _PAGES[: 2 * 64])
        self._put(registers, SIGNATURE, signature)
        registers[OCMF_SIZE], registers[SIGNATURE_SIZE] = len(payload), len(signature)

    def lose_power(self) -> None:
        """It comes back in a transaction, without a clock and without who charges."""
        self.registers[STATE] = POWER_FAILED if self.registers[STATE] else IDLE
        self.registers[SYNC] = self.registers[META_SIZE] = 0


def read_record(signed: Payload, key: str = "") -> dict[str, Any]:
    """What a ``signedMeterValue`` says, once its signature was found to be right.

    Args:
        signed: SignedMeterValueType.
        key: The public key, where it was told before.
    """
    assert signed["encodingMethod"] == "OCMF"
    assert signed["signingMethod"] == "ECDSA-secp256r1-SHA256"
    record = base64.b64decode(signed["signedMeterData"], validate=True).decode()
    mark, payload, seal = record.split("|")
    assert mark == "OCMF"
    form = base64.b64decode(signed["publicKey"] or key).decode()
    assert form.startswith("oca:base16:asn1:")
    public = load_der_public_key(bytes.fromhex(form.rpartition(":")[2]))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(bytes.fromhex(orjson.loads(seal)["SD"]), payload.encode(), ec.ECDSA(SHA256()))
    found: dict[str, Any] = orjson.loads(payload)
    return found


@asynccontextmanager
async def metered(meter: SigningMeter, port: int = 0, *others: SimDevice) -> AsyncIterator[int]:
    """Serve the meter over Modbus TCP; gives the port."""
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    server = ModbusTcpServer(context=[meter.device, *others], framer=FramerType.SOCKET, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield port
    finally:
        server.close()
