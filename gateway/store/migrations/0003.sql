-- The authorization cache keeps no identifiers but what a key of the box makes of them (C10.FR.12), and tells types apart.
-- What was in it is learnt again.
DROP TABLE token_cache;
CREATE TABLE token_cache (
    station   TEXT NOT NULL,
    token     TEXT NOT NULL,             -- digest of the casefolded identifier
    type      TEXT NOT NULL,
    guessed   INTEGER NOT NULL,          -- the type is what the identifier looks like
    accepted  INTEGER NOT NULL,
    added_at  REAL NOT NULL,             -- seconds since 1970
    stored_at REAL NOT NULL,             -- when the backend last said something of it
    used_at   REAL NOT NULL,
    uses      INTEGER NOT NULL,
    record    TEXT NOT NULL,
    PRIMARY KEY (station, token, type)
) WITHOUT ROWID;
