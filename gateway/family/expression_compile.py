"""From the syntax tree of an expression to closures. What is not on the list here does not exist."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.family.expression_values import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    INT_LIMIT,
    known,
    negation,
    negative,
    truth,
)
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.family.value import Scalar, Value

    Run = Callable[[Mapping[str, Value]], Value]
    Compare = Callable[[Value, Value], bool | None]

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}
"""TOML's spelling; Python's own is a constant already."""

_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value that is written in the expression."""

    value: Scalar


def literal(node: ast.expr) -> Literal | None:
    """The literal that a node is, also a negative number; None for anything else."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return Literal(value=value)
        case ast.Name(id="true" | "false" | "none" as name):
            return Literal(value=CONSTANTS[name])
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if not isinstance(
            value, bool
        ):
            return Literal(value=-value)
    return None


class Compiler:
    """Makes a function of a checked tree; ``text`` is only for what an error shows.

    Raises:
        GatewayError: ``expression-forbidden`` with the part that is not allowed.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def compile(self, node: ast.expr) -> Run:
        """The function that evaluates a node."""
        found = literal(node)
        if found is not None:
            return self._constant(node, found.value)
        match node:
            case ast.Name(id=name):
                return _load(name)
            case ast.UnaryOp() | ast.BinOp() | ast.BoolOp():
                return self._operation(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return _choice(self.compile(test), self.compile(body), self.compile(otherwise))
            case ast.List(elts=members):
                return self._list(members)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
                work, least, most = FUNCTIONS[name]
                if not least <= len(args) <= most:
                    raise self._forbidden(node)
                return _call(work, [self.compile(each) for each in args])
        raise self._forbidden(node)

    def _operation(self, node: ast.UnaryOp | ast.BinOp | ast.BoolOp) -> Run:
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _chain(negative, self.compile(inner))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return _chain(lambda value: negation(truth(value)), self.compile(inner))
            case ast.BinOp(left=left, op=op, right=right) if type(op).__name__ in ARITHMETIC:
                return _binary(ARITHMETIC[type(op).__name__], self.compile(left), self.compile(right))
            case ast.BoolOp(op=ast.And(), values=values):
                return _all([self.compile(each) for each in values])
            case ast.BoolOp(op=ast.Or(), values=values):
                return _any([self.compile(each) for each in values])
        raise self._forbidden(node)

    def _forbidden(self, node: ast.expr) -> GatewayError:
        what = ast.get_source_segment(self._text, node) or type(node).__name__
        return GatewayError("expression-forbidden", text=self._text, what=what)

    def _constant(self, node: ast.expr, value: Scalar) -> Run:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._forbidden(node)
        if isinstance(value, int) and abs(value) > INT_LIMIT:
            raise self._forbidden(node)
        return lambda _: value

    def _list(self, members: list[ast.expr]) -> Run:
        for each in members:
            if isinstance(each, ast.List):
                raise self._forbidden(each)
        literals = [literal(each) for each in members]
        runs = [self.compile(each) for each in members]
        fixed = tuple(each.value for each in literals if each)
        if len(fixed) == len(members):
            return lambda _: fixed

        def build(values: Mapping[str, Value]) -> Value:
            found = [run(values) for run in runs]
            return tuple([None if isinstance(each, tuple) else each for each in found])

        return build

    def _comparison(self, node: ast.Compare) -> Run:
        operands = [node.left, *node.comparators]
        links = [
            (self._compare(node, left, op, right), self._compared_with(op, right))
            for left, op, right in zip(operands, node.ops, node.comparators, strict=False)
        ]
        first = self.compile(node.left)
        if len(links) > 1:
            return _compare_chain(first, links)
        compare, second = links[0]
        return lambda values: compare(first(values), second(values))

    def _compared_with(self, op: ast.cmpop, right: ast.expr) -> Run:
        if _kind(op) == "In" and isinstance(right, ast.List):
            # Without its `none`, which `_compare` decides.
            return self._list([each for each in right.elts if not _is_none(each)])
        return self.compile(right)

    def _compare(self, whole: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Compare:
        for_none = _is_none(left) or _is_none(right)
        if for_none and isinstance(op, ast.Eq | ast.Is):
            return lambda one, other: one is None and other is None
        if for_none and isinstance(op, ast.NotEq | ast.IsNot):
            return lambda one, other: one is not None or other is not None
        kind = _kind(op)
        texts = any(isinstance(found.value, str) for found in (literal(left), literal(right)) if found)
        if kind not in COMPARISONS or (texts and isinstance(op, _ORDER)):
            raise self._forbidden(whole)
        compare = COMPARISONS[kind]
        if kind == "In" and isinstance(right, ast.List) and any(map(_is_none, right.elts)):
            compare = _or_none(compare)
        return compare if kind == type(op).__name__ else _opposite(compare)


def _kind(op: ast.cmpop) -> str:
    """Name of the comparison; of its opposite for "!=" and "not in"."""
    return type(op).__name__.removeprefix("Not")


def _or_none(compare: Compare) -> Compare:
    return lambda one, other: True if one is None else compare(one, other)


def _opposite(compare: Compare) -> Compare:
    return lambda one, other: negation(compare(one, other))


def _is_none(node: ast.expr) -> bool:
    return literal(node) == Literal(value=None)


def _load(name: str) -> Run:
    def load(values: Mapping[str, Value]) -> Value:
        return known(values.get(name))

    return load


def _chain(work: Callable[[Value], Value], inner: Run) -> Run:
    return lambda values: work(inner(values))


def _binary(work: Callable[[Value, Value], Value], left: Run, right: Run) -> Run:
    return lambda values: work(left(values), right(values))


def _call(work: Callable[..., Value], args: list[Run]) -> Run:
    if len(args) == 1:
        return _chain(work, args[0])
    return lambda values: work(*[each(values) for each in args])


def _all(runs: list[Run]) -> Run:
    def run_all(values: Mapping[str, Value]) -> Value:
        unknown = False
        for run in runs:
            found = truth(run(values))
            if found is False:
                return False
            unknown = unknown or found is None
        return None if unknown else True

    return run_all


def _any(runs: list[Run]) -> Run:
    def run_any(values: Mapping[str, Value]) -> Value:
        unknown = False
        for run in runs:
            found = truth(run(values))
            if found:
                return True
            unknown = unknown or found is None
        return None if unknown else False

    return run_any


def _choice(test: Run, body: Run, otherwise: Run) -> Run:
    def choose(values: Mapping[str, Value]) -> Value:
        decided = truth(test(values))
        if decided is None:
            return None
        return body(values) if decided else otherwise(values)

    return choose


def _compare_chain(first: Run, links: list[tuple[Compare, Run]]) -> Run:
    def compare_all(values: Mapping[str, Value]) -> Value:
        left = first(values)
        unknown = False
        for compare, run in links:
            right = run(values)
            found = compare(left, right)
            if found is False:
                return False
            unknown = unknown or found is None
            left = right
        return None if unknown else True

    return compare_all
