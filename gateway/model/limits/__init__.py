"""What the EVSEs of a station may draw: the limits of all who have a say, and which of them binds. Pure.

Nothing is taken up here, as the state of a station, which ``outlook`` looks at, needs ``reason``.
"""
