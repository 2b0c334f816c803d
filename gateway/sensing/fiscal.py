"""The box as adapters see it where its own meters sign: begin and end of a transaction wait a little for a signature.

A transaction is never held up for longer than ``signer.BEGIN_WITHIN`` or ``signer.END_WITHIN``, nor lost with its meter:
what is not signed by then begins and ends without a signature.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.events import TransactionEnded
from gateway.model.ids import Place
from gateway.model.metering import with_keys
from gateway.model.readings import Context
from gateway.model.signing import Moment, SigningOrder, with_register, with_signature
from gateway.model.station import Capability
from gateway.sensing.records import as_text, from_text
from gateway.sensing.signer import Patience, Signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gateway.contracts import Admission, Southbound
    from gateway.model.commands import Outcome
    from gateway.model.events import Event, TransactionBegan
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction
    from gateway.sensing.meters import Spot
    from gateway.sensing.records import Record
    from gateway.sensing.signer import Sign

LATE = timedelta(minutes=2)
"""What a station tells later than that is not signed: the meter only knows what it shows now."""

_SIGN = VariableRef(component="SampledDataCtrlr", variable="SignReadings")


class Fiscal:
    """``Southbound`` of adapters, in front of the hub."""

    def __init__(self, hub: Southbound, meters: Mapping[Spot, Sign], patience: Patience | None = None) -> None:
        """Take the box and the meters.

        Args:
            hub: The box.
            meters: What signs the transactions of an EVSE.
            patience: How long is waited; as this module says if absent.
        """
        self._hub = hub
        self._meters = {
            (station, evse): Signer(str(Place(station=station, evse=evse)), sign, patience or Patience())
            for (station, evse), sign in meters.items()
        }

    async def begin(self, event: TransactionBegan, *, patience: float) -> Admission:
        """As the hub's, with what the meter signs of it."""
        spot = event.place.station, event.place.evse
        meter = self._meters.get(spot)
        if meter is None or not self._wanted(event.place.station) or self._is_late(event.at):
            return await self._hub.begin(event, patience=patience)
        await self._recall(spot, meter)
        order = SigningOrder(moment=Moment.BEGIN, place=event.place, at=self.now(), token=event.token)
        await meter.begin(event.key, order)
        state, context = self._hub.station(event.place.station), Context.TRANSACTION_BEGIN
        samples = _filled(state, event.samples, event.meter_start, event.at, context)
        samples = with_signature(samples, context, meter.record.begin)
        await self._keep(spot, meter)
        samples = self._with_key(event.place.station, samples, given=False)
        return await self._hub.begin(replace(event, samples=samples), patience=patience)

    async def publish(self, *events: Event) -> None:
        """As the hub's, with what a meter signs of the end of a transaction."""
        await self._hub.publish(
            *[await self._ended(each) if isinstance(each, TransactionEnded) else each for each in events]
        )

    async def _ended(self, event: TransactionEnded) -> TransactionEnded:
        state = self._hub.station(event.station)
        running = state.transaction_by_number(event.number) if event.number is not None else None
        spot = (event.station, 0 if running is None else running.evse)
        meter = self._meters.get(spot)
        if running is None or meter is None or self._is_late(event.at):
            return event
        await self._recall(spot, meter)
        if meter.record.key != running.key:
            return event  # it was not signed when it began
        place = Place(station=event.station, evse=running.evse, connector=running.connector)
        await meter.end(SigningOrder(moment=Moment.END, place=place, at=self.now(), token=running.token))
        await self._keep(spot, meter)
        if not self._wanted(event.station):
            return event
        return replace(event, samples=self._ending(state, running, event, meter.record))

    def _ending(
        self, state: StationState, running: Transaction, event: TransactionEnded, record: Record
    ) -> tuple[Sample, ...]:
        begin, end = Context.TRANSACTION_BEGIN, Context.TRANSACTION_END
        samples = _filled(state, event.samples, running.meter_start, running.started_at, begin)
        samples = _filled(state, samples, event.meter_stop, event.at, end)
        samples = with_signature(with_signature(samples, begin, record.begin), end, record.end)
        return self._with_key(event.station, samples, given=running.key_given)

    def _with_key(self, station: str, samples: tuple[Sample, ...], *, given: bool) -> tuple[Sample, ...]:
        return with_keys(samples, lambda ref: self._hub.setting(station, ref), key="", given=given)

    def _is_late(self, at: datetime) -> bool:
        return self.now() - at > LATE

    def _wanted(self, station: str) -> bool:
        return self._hub.setting(station, _SIGN) == "true"

    async def _recall(self, spot: Spot, meter: Signer) -> None:
        """Go on with what was signed before the box has started."""
        if not meter.record.key:
            meter.noted = (await self._hub.notes(spot[0])).get(_note(spot), "")
            meter.record = from_text(meter.noted)

    async def _keep(self, spot: Spot, meter: Signer) -> None:
        """Note what was signed before anybody hears of it: a meter tells it only once.

        Raises:
            GatewayError: ``storage-failed``; what was to be told is told again, with the same record.
        """
        text = as_text(meter.record)
        if text != meter.noted:
            await self._hub.note(spot[0], _note(spot), text)
            meter.noted = text

    async def aclose(self) -> None:
        """Wait for no meter any more."""
        for meter in self._meters.values():
            await meter.aclose()

    # --- what the hub does ---------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The hub's."""
        return self._hub.now()

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization:
        """The hub's."""
        return await self._hub.authorize(place, token, patience=patience)

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        """The hub's."""
        return await self._hub.vendor_message(station, vendor, message, data)

    async def refused(self, claimed_identity: str, peer: str) -> None:
        """The hub's."""
        await self._hub.refused(claimed_identity, peer)

    def flows(self, place: Place, currents: Sequence[float]) -> None:
        """The hub's."""
        self._hub.flows(place, currents)

    def station(self, station: str) -> StationState:
        """The hub's."""
        return self._hub.station(station)

    def setting(self, station: str, ref: VariableRef) -> str:
        """The hub's."""
        return self._hub.setting(station, ref)

    async def notes(self, station: str) -> Mapping[str, str]:
        """The hub's."""
        return await self._hub.notes(station)

    async def note(self, station: str, name: str, value: str) -> None:
        """The hub's."""
        await self._hub.note(station, name, value)

    @property
    def read_only(self) -> bool:
        """The hub's."""
        return self._hub.read_only


def _filled(
    state: StationState, samples: tuple[Sample, ...], wh: float | None, at: datetime, context: Context
) -> tuple[Sample, ...]:
    """The readings of a station that runs its transactions, with the register; those of the box are as they are wanted."""
    if Capability.BOX_SESSIONS in state.capabilities:
        return samples
    return with_register(samples, wh, at, context, first=context is Context.TRANSACTION_BEGIN)


def _note(spot: Spot) -> str:
    return f"evse{spot[1]}.signed"
