-- What the box must not forget. JSON columns hold the model's dataclasses; see gateway/store/records.py.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE station (
    identity TEXT PRIMARY KEY,
    state    TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '[]'  -- what the station itself holds, as it last reported it
) WITHOUT ROWID;

CREATE TABLE tx (
    id       TEXT PRIMARY KEY,           -- OCPP 2.0.1's UUID
    station  TEXT NOT NULL,
    number   INTEGER NOT NULL,           -- the integer by which a 1.x station knows it
    key      TEXT NOT NULL,              -- equal for repeats of the same report
    end_key  TEXT NOT NULL DEFAULT '',   -- that of its stop, which may name no transaction
    ended_at TEXT,
    record   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tx_by_number ON tx (station, number);
CREATE INDEX tx_by_key ON tx (station, key);
CREATE INDEX tx_by_end_key ON tx (station, end_key) WHERE end_key <> '';

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: it is part of the message id
    station    TEXT NOT NULL,
    action     TEXT NOT NULL,
    payload    TEXT NOT NULL,
    stream     TEXT NOT NULL,
    supersedes TEXT NOT NULL,
    requested  INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    posted_at  REAL NOT NULL              -- seconds since 1970, for the age of the backlog
);
CREATE INDEX outbox_by_station ON outbox (station, id);

CREATE TABLE token_cache (
    station   TEXT NOT NULL,
    token     TEXT NOT NULL,             -- casefolded
    stored_at REAL NOT NULL,
    record    TEXT NOT NULL,
    PRIMARY KEY (station, token)
) WITHOUT ROWID;

CREATE TABLE local_list (
    station TEXT NOT NULL,
    token   TEXT NOT NULL,               -- casefolded; '' holds the version
    record  TEXT NOT NULL,
    PRIMARY KEY (station, token)
) WITHOUT ROWID;

CREATE TABLE variable (
    station TEXT NOT NULL,
    ref     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (station, ref)
) WITHOUT ROWID;
