"""SQLite: outbox, transactions, tokens, device-model values."""
