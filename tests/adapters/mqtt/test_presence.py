"""Whether a station lives, told from what a broker hands out."""

from __future__ import annotations

from adapters.mqtt.presence import Presence


def test_it_lives_as_long_as_it_speaks() -> None:
    presence = Presence(60, will=False)
    assert presence.lost(0) == "station-silent"
    presence.heard(1, retained=False)
    assert presence.lost(61) is None
    assert presence.lost(62) == "station-silent"
    presence.heard(70, retained=False)
    assert presence.lost(71) is None


def test_the_words_of_the_dead_count_once() -> None:
    presence = Presence(60, will=False)
    presence.heard(0, retained=True)
    assert presence.lost(1) is None
    presence.heard(50, retained=True)  # the broker was connected anew
    assert presence.lost(70) == "station-silent"
    presence.heard(71, retained=True)
    assert presence.lost(72) == "station-silent"
    presence.heard(73, retained=False)
    assert presence.lost(74) is None


def test_a_last_will_vouches_for_what_is_retained() -> None:
    presence = Presence(60, will=True)
    presence.heard(0, retained=True)
    presence.heard(50, retained=True)
    assert presence.lost(70) is None
    presence.heard(71, retained=False, offline=True)
    presence.heard(72, retained=True)
    assert presence.lost(72) == "station-offline"
    presence.online(73, retained=False)
    assert presence.lost(73) is None


def test_a_new_message_is_stronger_than_an_old_will() -> None:
    presence = Presence(60, will=True)
    presence.heard(0, retained=True, offline=True)
    presence.heard(1, retained=False)
    assert presence.lost(1) is None
