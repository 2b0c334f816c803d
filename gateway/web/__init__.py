"""The box's own page: what drivers and technicians see on a tablet or a phone beside the station.

Read-only, unless the site file lets drivers type key codes there and choose what a master pass stops.
"""
