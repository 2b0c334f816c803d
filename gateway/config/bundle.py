"""``[[bundle]]`` of the site file, and the heading of a bundle's own file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from gateway.config.fields import Many, Name, OcppIdentity, Section

BundleId = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,49}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class BundleKeys(Section):
    """``[[bundle]]``: a named set of sensors, with what only this site knows."""

    use: BundleId = Field(
        description="Which bundle: one that comes with the box, or bundles/<name>.toml beside this file."
    )
    station: OcppIdentity | None = Field(None, description="Station that its sensors belong to; all of them if absent.")
    evse: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Only what the bundle has for an outlet, for this EVSE; without it: everything, for EVSE 1."
    )
    leave: Many[Name] = Field((), description="Sensors of the bundle that this site does not have.")
    set: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="By the name of a sensor: keys that are set, or that take the place of the bundle's. "
        "alert = false or react = false takes the bundle's away.",
    )


class BundleHead(Section):
    """``[bundle]``: what a technician should know before using it."""

    id: BundleId = Field(description="As the file is called.")
    title: Text = Field(description="What it is, in a few words.")
    meant_for: Text = Field(description="Which stations it is for.")
    hardware: Many[Text] = Field((), description="What has to be there.")
    notes: Many[Text] = Field((), description="What to heed.")
