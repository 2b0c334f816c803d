-- What an adapter keeps of a station that no event tells: the wear of a register, an integrated meter.
CREATE TABLE note (
    station TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (station, name)
) WITHOUT ROWID;

-- Documents that a profile keeps for a station: charging profiles, monitors, messages of a display.
CREATE TABLE document (
    shelf   TEXT NOT NULL,
    station TEXT NOT NULL,
    name    TEXT NOT NULL,
    content TEXT NOT NULL,               -- JSON
    PRIMARY KEY (shelf, station, name)
) WITHOUT ROWID;
