"""How an upload ends."""

from __future__ import annotations

from enum import StrEnum


class Result(StrEnum):
    """The part of UploadLogStatusEnumType (OCPP 2.0.1 Part 2, 3.87) that an attempt can have."""

    UPLOADED = "Uploaded"
    FAILURE = "UploadFailure"
    BAD_MESSAGE = "BadMessage"
    DENIED = "PermissionDenied"
    NOT_SUPPORTED = "NotSupportedOperation"
