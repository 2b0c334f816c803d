-- A repeat of a stop that names no transaction is known by its own key, not by that of the start.
ALTER TABLE tx ADD COLUMN end_key TEXT NOT NULL DEFAULT '';
CREATE INDEX tx_by_end_key ON tx (station, end_key) WHERE end_key <> '';
