"""``[signing]``: how a meter is made to sign the begin and the end of a transaction, and where its record is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.config.fields import Section
from gateway.family.control import Steps

SIGNING_NAMES = frozenset({"unix", "head", "head_size"})
"""What the steps know besides the points: seconds since 1970 (UTC); who charges where, as OCMF has it; its bytes."""


class Signing(Section):
    """How a meter signs. The record is read after the steps, and sent as one text of the Open Charge Metering Format."""

    encoding: Literal["OCMF"] = Field("OCMF", description="Format of the record.")
    method: str = Field("ECDSA-secp256r1-SHA256", max_length=50, description="How it is signed.")
    begin: Steps = Field(min_length=1, description="Steps at the begin of a transaction.")
    end: Steps = Field(min_length=1, description="Steps at its end.")
    data: str = Field(description="Point with the text that is signed.")
    data_size: str = Field("", description="Point with the bytes of this text, where the point holds more.")
    signature: str = Field(description="Point with the signature, in hex.")
    signature_size: str = Field("", description="Point with the bytes of the signature, where the point holds more.")
    public_key: str = Field("", description="Point with the public key, in hex.")
    key_prefix: str = Field(
        "", pattern="^([0-9A-Fa-f]{2})*$", description="Hex before the public key that makes it one in ASN.1."
    )

    @property
    def points(self) -> tuple[str, ...]:
        """The points that make the record."""
        named = (self.data, self.data_size, self.signature, self.signature_size, self.public_key)
        return tuple(name for name in named if name)
