"""The enumerations of the device model."""

from __future__ import annotations

from enum import StrEnum


class DataType(StrEnum):
    """DataEnumType (Part 2, 3.26)."""

    STRING = "string"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BOOLEAN = "boolean"
    OPTION_LIST = "OptionList"
    SEQUENCE_LIST = "SequenceList"
    MEMBER_LIST = "MemberList"

    @property
    def lists(self) -> bool:
        """True where the value is one or more of ``values``."""
        return self in {DataType.OPTION_LIST, DataType.SEQUENCE_LIST, DataType.MEMBER_LIST}


class Mutability(StrEnum):
    """MutabilityEnumType (Part 2, 3.57)."""

    READ_ONLY = "ReadOnly"
    WRITE_ONLY = "WriteOnly"
    READ_WRITE = "ReadWrite"


class Attribute(StrEnum):
    """AttributeEnumType (Part 2, 3.2). No variable has another one than ``ACTUAL`` so far."""

    ACTUAL = "Actual"
    TARGET = "Target"
    MIN_SET = "MinSet"
    MAX_SET = "MaxSet"
