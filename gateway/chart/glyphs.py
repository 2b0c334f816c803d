"""A font of strokes, for drawings that are made of pixels.

A letter is a few lines through points of a grid: two digits each, 0 to 4 from the left and 0 to 8 from below. Letters
stand on 2 and reach to 8, small ones to 6; what hangs below reaches to 0. One point alone is a dot.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Stroke = tuple[tuple[int, int], ...]

_GLYPHS = {
    " ": "", "A": "022842 1434", "B": "02083847463544433202 0535", "C": "4738180703123243", "D": "02082846442202",
    "E": "48080242 0535", "F": "480802 0535", "G": "47381807031232434525", "H": "0208 4248 0545",
    "I": "1232 1838 2228", "J": "4843321203", "K": "0208 480542", "L": "080242", "M": "0208254842", "N": "02084248",
    "O": "180703123243473818", "P": "02083847463505", "Q": "180703123243473818 2442", "R": "02083847463505 2542",
    "S": "473818070615354443321203", "T": "0848 2228", "U": "080312324348", "V": "082248", "W": "0812263248",
    "X": "0248 0842", "Y": "082548 2522", "Z": "08480242",
    "a": "1636454212031444", "b": "08023243453606", "c": "461605031242", "d": "48421203051646",
    "e": "044445361605031242", "f": "48382722 0646", "g": "421203051646413000", "h": "0802 06364542", "i": "2622 28",
    "j": "26211000 28", "k": "0802 460442", "l": "18282332", "m": "0206162522 25364542", "n": "0206364542",
    "o": "160503123243453616", "p": "00063645433202", "q": "40461605031242", "r": "0206 042646",
    "s": "4616051434433202", "t": "28233242 0646", "u": "0603124246", "v": "062246", "w": "0612243246",
    "x": "0246 0642", "y": "0622 4610", "z": "06460242", "ß": "02071838473645433222",
    "0": "180703123243473818", "1": "172822 1232", "2": "07183847460242", "3": "084825354443321203", "4": "32380444",
    "5": "480805354443321203", "6": "38180603123243443505", "7": "084812", "8": "15060718384746351504031232434435",
    "9": "12324447381807061545",
    ".": "22", ",": "2211", ":": "22 26", ";": "2211 26", "-": "0545", "_": "0242", "/": "0248", "|": "2028",
    "(": "38262432", ")": "18262412", "[": "38282232", "]": "18282212", "%": "0248 0807171808 3233434232",
    "+": "0545 2327", "=": "0444 0646", "<": "470543", ">": "074503", "*": "0545 1337 1733", "#": "1218 3238 0444 0646",
    "!": "2824 22", "?": "07183847462524 22", "'": "2826", '"': "1816 3836", "&": "420718272603122244", "`": "1827",
}  # fmt: skip
_UNKNOWN = "0208484202"
_DOTS = {True: ((1, 9), (3, 9)), False: ((1, 8), (3, 8))}  # of an umlaut, above a capital and a small letter
_DIAERESIS = "\u0308"


def strokes(text: str) -> Iterator[list[Stroke]]:
    """The strokes of each letter; other marks than those of an umlaut are left out, what is not known is a box."""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        plain = parts[0]
        found = [_points(each) for each in _GLYPHS.get(plain, _UNKNOWN).split()]
        if _DIAERESIS in parts:
            found += [(dot,) for dot in _DOTS[plain.isupper()]]
        yield found


def _points(digits: str) -> Stroke:
    return tuple((int(digits[place]), int(digits[place + 1])) for place in range(0, len(digits), 2))
