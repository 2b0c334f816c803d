#!/bin/sh
# What the tests need besides Python: an MQTT broker, a browser, Network UPS Tools and a message bus. By apt when root,
# else the line to run; without them those tests skip, and say so.
set -eu
needed=
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || needed="$needed mosquitto"
command -v chromium >/dev/null || needed="$needed chromium"
[ -x /lib/nut/upsd ] || needed="$needed nut-server"
command -v dbus-daemon >/dev/null || needed="$needed dbus"
[ -n "$needed" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    apt-get install -y -qq --no-install-recommends $needed
else
    echo "Some tests are skipped. For them: sudo apt-get install$needed" >&2
fi
