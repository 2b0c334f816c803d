-- What an adapter keeps of a station that no event tells: the wear of a register, an integrated meter.
CREATE TABLE note (
    station TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (station, name)
) WITHOUT ROWID;
