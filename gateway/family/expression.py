"""Expressions of family files: ``state in [1, 5] and not bit(flags, 2)``.

They are read as Python's expressions and allow very little of them: names, numbers, texts, true, false and none;
``+ - * / // %``, ``& | << >>``; comparisons; and, or, not; ``a if b else c``; lists; and a few functions. A value that
is not known makes the result unknown (None) instead of an error, except where it does not matter:
``false and unknown`` is false, ``x is none`` is always decided.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.family.expression_compile import CONSTANTS, Compiler, literal
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.family.expression_compile import Run
    from gateway.family.value import Scalar, Value

MAX_NODES = 64
MAX_CHARACTERS = 1000
_MAX_BIT = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A checked expression, ready to be evaluated.

    Attributes:
        text: as written.
        names: what it needs to know.
    """

    text: str
    names: frozenset[str] = field(compare=False, repr=False)
    _constants: Mapping[str, tuple[Scalar, ...]] = field(compare=False, repr=False)
    _run: Run = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Check and compile a text; nothing of it is executed.

        Raises:
            GatewayError: ``expression-syntax``, ``expression-forbidden`` or ``expression-too-large``, with ``text``
                and ``what``: the parser's reason, the part that is not allowed, or what is too large.
        """
        tree = _tree(text.strip())
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
        if len(nodes) > MAX_NODES:
            raise GatewayError("expression-too-large", text=text, what=f"{len(nodes)} > {MAX_NODES}")
        run = Compiler(text.strip()).compile(tree)
        functions = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        names = frozenset(
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and id(node) not in functions and node.id not in CONSTANTS
        )
        constants: dict[str, dict[Scalar, None]] = {}
        for node in nodes:
            for name, value in _constants(node):
                constants.setdefault(name, {})[value] = None
        return cls(
            text=text,
            names=names,
            _constants={name: tuple(found) for name, found in constants.items()},
            _run=run,
        )

    def constants_of(self, name: str) -> tuple[Scalar, ...]:
        """The literals that a name is compared with, in the order of the text; never None.

        For ``bit(name, i)`` and ``name & mask`` these are the mask and 0. For ``<`` and its like only the bound itself
        is given, so who looks for a value on either side also tries its neighbours.
        """
        return self._constants.get(name, ())

    def evaluate(self, values: Mapping[str, Value]) -> Value:
        """The result for these values; None if it is not known. Never raises."""
        return self._run(values)


def _tree(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise GatewayError("expression-too-large", text=text[:60], what=f"{len(text)} > {MAX_CHARACTERS}")
    try:
        with warnings.catch_warnings():
            # The parser's warnings ("1if x else 2") are faults here: the text says something else than it seems.
            warnings.simplefilter("error")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise GatewayError("expression-syntax", text=text, what=error.msg) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise GatewayError("expression-syntax", text=text, what=str(error) or type(error).__name__) from None


def _constants(node: ast.expr) -> Iterator[tuple[str, Scalar]]:
    match node:
        case ast.Compare(left=left, comparators=others):
            operands = [left, *others]
            for one, other in zip(operands, others, strict=False):
                yield from _compared(one, other)
                yield from _compared(other, one)
        case ast.Call(func=ast.Name(id="bit"), args=[ast.Name(id=name), ast.Constant(value=int() as place)]):
            if 0 <= place <= _MAX_BIT:
                yield name, 1 << place
                yield name, 0
        case ast.BinOp(left=one, op=ast.BitAnd(), right=other):
            for found in (*_compared(one, other), *_compared(other, one)):
                yield found
                yield found[0], 0


def _compared(one: ast.expr, other: ast.expr) -> Iterator[tuple[str, Scalar]]:
    if not isinstance(one, ast.Name) or one.id in CONSTANTS:
        return
    for each in other.elts if isinstance(other, ast.List) else (other,):
        found = literal(each)
        if found is not None and found.value is not None:
            yield one.id, found.value
