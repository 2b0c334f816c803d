#!/bin/sh
# What the tests need besides Python: an MQTT broker. By apt when root, else the line to run; without it those tests skip.
set -eu
if command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends mosquitto
else
    echo "The tests of MQTT stations are skipped. For them: sudo apt-get install mosquitto" >&2
fi
