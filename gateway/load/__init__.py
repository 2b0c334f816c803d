"""Local load management: stations behind one connection share it, with or without the backend.

``site`` is what does not change, ``observation`` what is seen at a moment, ``decision`` what comes of it; ``allocator``
shares the current of a moment, ``controller`` runs over time. All of these are pure: no clock, no I/O.
"""
