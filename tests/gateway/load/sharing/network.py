"""A broker and boxes in simulated time: messages are late, lost or told twice, boxes restart, the broker forgets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from gateway.load.sharing.member import Member
from gateway.load.sharing.messages import Lease, Need, Want
from gateway.load.sharing.rules import FOLLOW, NOTHING, Rules, highest, less, total

if TYPE_CHECKING:
    from gateway.load.sharing.messages import Message
    from gateway.load.site import Phases

BOXES = ("east", "north", "west")
RELEASE = 35.0
"""Seconds after which stations without a box have fallen back by themselves."""

STEP = 0.1
"""Seconds; all messages of a step are told at its end."""


def rules(share: float = 20.0, limit: float = 63.0, base: float = 3.0) -> Rules:
    """Three boxes behind one fuse, whose shares just fit."""
    return Rules(
        group="garage",
        limit=(limit,) * 3,
        base=(base,) * 3,
        shares=dict.fromkeys(BOXES, (share,) * 3),
        release=RELEASE - FOLLOW,
    )


def seeded(seed: int) -> Random:
    """The same chance for the same seed."""
    return Random(seed)  # noqa: S311 nothing is kept secret here


def cars(count: int, most: float = 16.0, *, on: bool = True, phases: tuple[int, ...] = (0, 1, 2)) -> Need:
    """What a box needs for so many cars."""
    wants = tuple(Want(evse=str(each), phases=phases, least=6.0, most=most, on=on) for each in range(count))
    return Need(wants=wants, most=(63.0,) * 3)


def topic(message: Message) -> tuple[str, str]:
    """Where it is kept."""
    return (type(message).__name__, "" if isinstance(message, Lease) else message.box)


@dataclass
class Box:
    """One box, with a clock of its own."""

    name: str
    rate: float
    offset: float
    need: Need
    member: Member | None = None
    online: bool = False
    past: deque[tuple[float, Phases]] = field(default_factory=deque)
    gone: float = 0.0
    inbox: deque[tuple[float, Message]] = field(default_factory=deque)

    def now(self, t: float) -> float:
        """Its clock."""
        return self.offset + t * self.rate


class Network:
    """All of it. Per connection, messages keep their order, as in MQTT."""

    def __init__(self, chance: Random, of: Rules | None = None, *, skew: float = 0.0) -> None:
        self.rules, self.chance = of or rules(), chance
        self.t = 0.0
        self.up = True
        self.loss = self.lag = 0.0
        self.kept: dict[tuple[str, str], Message] = {}
        self.boxes = {
            name: Box(name, 1 + chance.uniform(-skew, skew), chance.uniform(0, 1000), cars(2))
            for name in self.rules.shares
        }
        self._boots = 0

    def start(self, name: str) -> None:
        """A box starts, or starts again."""
        box = self.boxes[name]
        self.drop(name)
        if box.past:  # it finds stations as they have been left
            box.past.append((self.t, self.flows()[name]))
        self._boots += 1
        box.member = Member(self.rules, name, f"boot{self._boots}", box.now(self.t))
        self.connect(name)

    def stop(self, name: str) -> None:
        """A box is gone; its stations stay as they are until they fall back by themselves."""
        self.boxes[name].gone = self.t
        self.drop(name)
        self.boxes[name].member = None

    def connect(self, name: str) -> None:
        """It reaches the broker."""
        box = self.boxes[name]
        if self.up and box.member is not None and not box.online:
            box.online = True
            box.member.connected(box.now(self.t))
            for message in self.kept.values():
                self._send(box, message)

    def drop(self, name: str) -> None:
        """Its connection is lost, with all that was under way to it."""
        box = self.boxes[name]
        if box.online and box.member is not None:
            box.member.lost()
        box.online = False
        box.inbox.clear()

    def kill(self, *, forget: bool = True) -> None:
        """The broker is gone."""
        for name in self.boxes:
            self.drop(name)
        self.up = False
        if forget:
            self.kept.clear()

    def revive(self) -> None:
        """The broker is back."""
        self.up = True
        for name in self.boxes:
            self.connect(name)

    def publish(self, message: Message) -> None:
        """The broker has it."""
        if self.chance.random() < self.loss and not isinstance(message, Lease):
            return
        self.kept[topic(message)] = message
        for box in self.boxes.values():
            if box.online:
                self._send(box, message)

    def _send(self, box: Box, message: Message) -> None:
        for _ in range(1 + (self.chance.random() < self.loss and not isinstance(message, Lease))):
            box.inbox.append((self.t + self.chance.uniform(0, self.lag), message))

    def step(self) -> None:
        """A moment goes by."""
        self.t += STEP
        boxes = list(self.boxes.values())
        self.chance.shuffle(boxes)
        for box in boxes:
            now = box.now(self.t)
            while box.member is not None and box.inbox and box.inbox[0][0] <= self.t:
                box.member.hear(box.inbox.popleft()[1], now)
            if box.member is not None:
                box.past.append((self.t, box.member.limit(now)))
                while box.past[0][0] < self.t - FOLLOW:
                    box.past.popleft()
                need = replace(box.need, holds=highest(*(each for _, each in box.past)), release=RELEASE)
                for message in list(box.member.tick(need, now)):
                    if box.online:
                        self.publish(message)

    def run(self, seconds: float) -> None:
        """Go on; nothing is ever overloaded."""
        for _ in range(round(seconds / STEP)):
            self.step()
            over = min(less(self.room, total(*self.flows().values())))
            assert over >= -1e-6, f"{self.t:.1f} s: {self.flows()}"

    @property
    def room(self) -> Phases:
        """What boxes may use in all."""
        return less(self.rules.limit, self.rules.base)

    def limits(self) -> dict[str, Phases]:
        """What each box may use."""
        return {
            name: NOTHING if box.member is None else box.member.limit(box.now(self.t))
            for name, box in self.boxes.items()
        }

    def flows(self) -> dict[str, Phases]:
        """What flows through each box at most: cars take a while to follow, and stations do not see that a box is gone."""
        found = {}
        for name, box in self.boxes.items():
            fallen = box.member is None and self.t > box.gone + RELEASE
            # What was told before the box was gone is followed all the same; the last stays.
            told = [each for at, each in box.past if at >= self.t - FOLLOW]
            told += [self.rules.shares[name] if fallen else box.past[-1][1]] if box.past else []
            found[name] = highest(*told)
        return found
