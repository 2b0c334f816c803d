"""The records of a station's transactions: kept before they are answered, and never refused."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson

from adapters.ocpp1x.configuration import LEGACY
from adapters.ocpp1x.fields import integer, moment, records, text
from adapters.ocpp1x.peers import unset
from adapters.ocpp1x.readings import ending_samples, meter_values_of, samples_of
from adapters.ocpp1x.reasons import cause_of
from gateway.model.device import VariableRef
from gateway.model.events import Measured, TransactionBegan, TransactionEnded
from gateway.model.ids import Place
from gateway.model.metering import shaped, told, with_keys
from gateway.model.readings import Context
from gateway.model.tokens import Authorization, AuthorizationStatus
from gateway.model.transactions import STOPPED_BY_UNPLUGGING, STOPPED_DEAUTHORIZED, ChargingState

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.ocpp1x.exchange import Exchange
    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.signed import Known
    from gateway.model.readings import Sample
    from gateway.model.tokens import Token
    from gateway.model.transactions import StopCause, Transaction


async def start_transaction(exchange: Exchange) -> Fields:
    """StartTransaction (1.5, 4.8); what is missing is defaulted, as the energy flows all the same."""
    fields = exchange.fields
    stamp = moment(fields, "timestamp")
    exchange.observe_clock(stamp)
    place = exchange.peer.connectors.charging_place(integer(fields, "connectorId") or 0)
    token = exchange.token(text(fields, "idTag") or "")
    event = TransactionBegan(
        place=place,
        at=exchange.time(stamp),
        token=token,
        meter_start=float(integer(fields, "meterStart") or 0),
        key=_start_key(exchange, stamp),
        reservation=_reservation(exchange),
        charging_state=_stage(exchange, place),
    )
    admission = await exchange.hub.begin(event, patience=exchange.patience.begin)
    info = admission.authorization
    if info.accepted and info.evses and place.evse not in info.evses:
        info = Authorization(status=AuthorizationStatus.NOT_ALLOWED_TYPE_EVSE, group=info.group)
    return {
        "transactionId": admission.number,
        "idTagInfo": exchange.peer.tokens.id_tag_info(info, exchange.now),
    }


def _stage(exchange: Exchange, place: Place) -> ChargingState:
    """The state of charging that the station has told already; some say "Charging" before the start."""
    return exchange.peer.stages.get(place, ChargingState.EV_CONNECTED)


def _start_key(exchange: Exchange, stamp: datetime | None) -> str:
    """What a repeat of the same report has in common: all that the station sends, as it sends it.

    Without a usable time that would make one of all visits of a driver, so a repeat is known only while its transaction
    runs.
    """
    fields = exchange.fields
    connector, meter = integer(fields, "connectorId") or 0, integer(fields, "meterStart") or 0
    start = f"start|{connector}|{(text(fields, 'idTag') or '').casefold()}|{meter}|"
    if stamp is not None and not unset(stamp):
        return start + stamp.isoformat()
    start += f"{stamp.isoformat() if stamp else ''}@"
    running = exchange.hub.station(exchange.peer.id).transactions
    same = next((transaction.key for transaction in running if transaction.key.startswith(start)), None)
    return same or start + exchange.now.isoformat()


def _reservation(exchange: Exchange) -> int | None:
    """The reservation that is used; some stations send 0 or -1 for none."""
    number = integer(exchange.fields, "reservationId")
    if number is None or number > 0:
        return number
    held = exchange.hub.station(exchange.peer.id).reservations
    return number if any(reservation.id == number for reservation in held) else None


async def meter_values(exchange: Exchange) -> Fields:
    """MeterValues (1.5, 4.7); connector 0 is the main meter. A transactionId that was never given out is none."""
    fields = exchange.fields
    values = meter_values_of(fields)
    if len(values) == 1:
        exchange.observe_clock(moment(values[0], "timestamp"))
    number = integer(fields, "transactionId") or 0
    connector = integer(fields, "connectorId") or 0
    place = exchange.peer.connectors.place(connector)
    state = exchange.hub.station(exchange.peer.id)
    running = state.transaction_by_number(number) or (state.transaction_at(place.evse) if place.evse else None)
    samples = samples_of(values, exchange.time, exchange.note, _known(running))
    samples = _shaped(exchange, told(samples, exchange.setting, state, place.evse), connector, running)
    if samples:
        key = blake2b(orjson.dumps(fields), digest_size=8).hexdigest()
        event = Measured(place=place, samples=samples, number=number if number > 0 else None, key=key)
        await exchange.hub.publish(event)
    return {}


def _known(running: Transaction | None) -> Known:
    """The register at the begin of a transaction."""
    if running is None or running.meter_start is None:
        return {}
    return {Context.TRANSACTION_BEGIN: running.meter_start}


def _connector(exchange: Exchange, running: Transaction | None) -> int:
    """The station's own number of the connector that a transaction is at."""
    if running is None:
        return 1
    place = Place(station=exchange.peer.id, evse=running.evse, connector=running.connector)
    return exchange.peer.connectors.numbers(place)[0]


def _shaped(
    exchange: Exchange, samples: tuple[Sample, ...], connector: int, running: Transaction | None
) -> tuple[Sample, ...]:
    """Samples in the form that the variables ask for."""
    key = exchange.setting(VariableRef(component=LEGACY, variable=f"MeterPublicKey{connector}"))
    given = running is not None and running.key_given
    return with_keys(shaped(samples, exchange.setting), exchange.setting, key=key, given=given)


async def stop_transaction(exchange: Exchange) -> Fields:
    """StopTransaction (1.5, 4.10); answered whatever transaction it names."""
    fields = exchange.fields
    stamp = moment(fields, "timestamp")
    exchange.observe_clock(stamp)
    at = exchange.time(stamp)
    id_tag = text(fields, "idTag") or ""
    number, meter = integer(fields, "transactionId") or 0, integer(fields, "meterStop") or 0
    token = exchange.token(id_tag) if id_tag else None
    # Before the stop is taken: then the transaction is still there.
    answer = _stop_answer(exchange, number, token)
    data = records(fields, "transactionData")
    running = exchange.hub.station(exchange.peer.id).transaction_by_number(number)
    known = {**_known(running), Context.TRANSACTION_END: float(meter)}
    samples = ending_samples(data, lambda each: at if each is None else exchange.time(each), exchange.note, known)
    cause = _cause(exchange, number)
    event = TransactionEnded(
        station=exchange.peer.id,
        at=at,
        number=number if number > 0 else None,
        meter_stop=float(meter),
        key=f"stop|{number}|{id_tag.casefold()}|{meter}|{stamp.isoformat() if stamp else ''}",
        token=token,
        samples=_shaped(exchange, samples, _connector(exchange, running), running),
        cause=cause,
        charging_state=ChargingState.IDLE if cause == STOPPED_BY_UNPLUGGING else ChargingState.EV_CONNECTED,
    )
    ending = exchange.hub.station(exchange.peer.id).transaction_by_number(number)
    await exchange.hub.publish(event)
    if ending is not None:
        # What was told of this visit says nothing of the next.
        exchange.peer.stages.pop(Place(station=exchange.peer.id, evse=ending.evse, connector=ending.connector), None)
    return answer


def _cause(exchange: Exchange, number: int) -> StopCause | None:
    """What the station says of the reason; before 1.6 it cannot say any."""
    if not exchange.peer.dialect.tells_reason:
        return None
    state = exchange.hub.station(exchange.peer.id)
    return cause_of(text(exchange.fields, "reason"), state.transaction_by_number(number), state)


def _stop_answer(exchange: Exchange, number: int, token: Token | None) -> Fields:
    """Confirm a token only where it is known to be good: stations remember what they are told here."""
    running = exchange.hub.station(exchange.peer.id).transaction_by_number(number)
    if token is None or running is None or not token.same_as(running.token):
        return {}
    if running.stop_cause == STOPPED_DEAUTHORIZED:
        return {}
    accepted = Authorization(status=AuthorizationStatus.ACCEPTED)
    return {"idTagInfo": exchange.peer.tokens.id_tag_info(accepted, exchange.now)}
