"""From a state of the pilot back to the raw values with which a station would tell it. Pure."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from gateway.bench.family.candidates import candidates, conditions, leaves
from gateway.family.evaluate import condition, derived
from gateway.family.interpret import interpret
from gateway.family.state import Letter
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.family.evaluate import Condition
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

    Raws = Mapping[str, Value]

_MOST_CHANGES = 4
_MOST_TRIES = 60_000

_ALSO = ("power", "current", "offered_current")
"""What ``condition`` looks at besides the rules."""


class StateSearch:
    """Finds raw values of the points that the state rules of a family refer to.

    Few points are changed from what they have by default, so that nothing else is told than the state.

    Args:
        family: What the rules are of.
        fixed: Points whose values are given by something else, and so are not searched.
        same: Point -> the points that stand in the same place, and so hold the same.
    """

    def __init__(
        self, family: AnyFamily, fixed: frozenset[str], same: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._family = family
        names = [family.state.point] if family.state is not None and family.state.point else []
        asked = [*names, *(name for each in conditions(family) for name in sorted(each.names))]
        limit = family.control.limit
        verify = limit.verify.point if limit is not None and limit.verify is not None else ""
        self._shown = leaves(family, [*asked, *_ALSO, *([verify] if verify in family.derive else [])])
        ruled = leaves(family, self._of_rules())
        self.free = tuple(name for name in ruled if name not in fixed)
        self._same = {name: (same or {}).get(name, (name,)) for name in self.free}
        self._first = tuple(name for name in self.free if not self._before(name))
        self._tries = {name: _united([candidates(family, each) for each in self._same[name]]) for name in self.free}
        flowing = family.state.flowing.names if family.state is not None and family.state.flowing is not None else ()
        self._tells_flow = any(name in self.free for name in leaves(family, sorted(flowing)))
        # What the station offers may be derived from the mode that it is in.
        self._offers = tuple(
            name
            for name in dict.fromkeys((verify, "offered_current"))
            if name in family.derive and any(each in self.free for each in leaves(family, [name]))
        )
        state = family.state
        rules = () if state is None else (*state.override, *state.rules)
        self._ruled = {str(rule.state) for rule in rules} | set(map(str, state.map.values() if state else ()))
        self._found: dict[str, dict[str, Value]] = {}
        self._missing: set[tuple[object, ...]] = set()

    def _before(self, name: str) -> bool:
        """True for a point whose place is searched under another name."""
        return any(each in self._same[name] for each in self.free[: self.free.index(name)])

    def _of_rules(self) -> tuple[str, ...]:
        state = self._family.state
        if state is None:
            return ()
        rules = [name for rule in (*state.override, *state.rules) for name in sorted(rule.when.names)]
        # A contactor, say; what is measured is not searched.
        flowing = sorted(state.flowing.names) if state.flowing is not None else []
        return (*([state.point] if state.point else []), *rules, *flowing)

    @property
    def shown(self) -> tuple[str, ...]:
        """The points whose raw values ``find`` needs to know: all that the state depends on."""
        return self._shown

    def condition(self, raws: Raws) -> Condition:
        """What a gateway makes of these raw values."""
        return condition(self._family, self._values(raws))

    def _values(self, raws: Raws) -> Mapping[str, Value]:
        points = self._family.points
        return derived(
            self._family, {name: interpret(points[name], raws[name]) for name in self._shown if name in raws}
        )

    def find(self, wanted: Sequence[Letter], raws: Raws, *, key: str = "") -> Raws:
        """Raw values of the free points, for the first of the letters that can be told.

        Args:
            wanted: Letters, the best first.
            raws: The other points, as they are now.
            key: What else, besides the letter, the result is remembered by: what ``raws`` depends on.

        Raises:
            GatewayError: ``letter-unreachable`` with ``family`` and ``letter``, the best one.
        """
        for letter in wanted:
            # A plain letter gets its number from what flows and is offered.
            if letter not in self._ruled and not (letter.plugged and letter.value[0] in self._ruled):
                continue
            for best in (wanted[0], None) if self._tells_flow or self._offers else (None,):
                found = self._find(letter, raws, f"{letter}/{best}/{key}", best)
                if found is not None:
                    return found
        raise GatewayError("letter-unreachable", family=self._family.meta.id, letter=str(wanted[0]))

    def _find(self, letter: Letter, raws: Raws, key: str, best: Letter | None) -> Raws | None:
        known = self._found.get(key)
        if known is not None and self._tells(letter, raws, known, best):
            return known
        # Measured values change all the time; what a search depends on is only whether there is any.
        given = tuple(bool(raws.get(name)) for name in self._shown if name not in self._tries)
        if (key, given) in self._missing:
            return None
        for attempt in self._attempts(raws):
            if self._tells(letter, raws, attempt, best):
                self._found[key] = attempt
                return attempt
        self._missing.add((key, given))
        return None

    def _tells(self, letter: Letter, raws: Raws, attempt: Raws, best: Letter | None) -> bool:
        """Whether the raw values tell the letter; and, with ``best``, what flows and is offered as it would."""
        values = self._values({**raws, **attempt})
        found = condition(self._family, values)
        if found.letter is not letter or best is None:
            return found.letter is letter
        if self._tells_flow and found.flowing is not (best is Letter.C2):
            return False
        return best.offering is None or all(bool(values.get(name)) is best.offering for name in self._offers)

    def _attempts(self, raws: Raws) -> Iterator[dict[str, Value]]:
        """Assignments of the free points: first none changed, then each alone, then two together ..."""
        plain = {name: raws.get(name, self._tries[name][0]) for name in self.free}
        left = _MOST_TRIES
        for size in range(min(_MOST_CHANGES, len(self._first)) + 1):
            for names in combinations(self._first, size):
                for values in product(*(self._tries[name] for name in names)):
                    changed = zip(names, values, strict=True)
                    yield plain | {each: value for name, value in changed for each in self._same[name]}
                    left -= 1
                    if left <= 0:
                        return


def _united(rows: Sequence[Sequence[Value]]) -> tuple[Value, ...]:
    """What several points in one place may hold: what each is looking for, and two of them together."""
    if len(rows) == 1:
        return tuple(rows[0])
    found = dict.fromkeys(value for row in rows for value in row)
    numbers = [value for value in found if isinstance(value, int) and value > 0]
    found |= dict.fromkeys(one | other for one, other in combinations(numbers, 2))
    return tuple(found)
