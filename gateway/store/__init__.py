"""The ledger: the only truth about events, leads, deliveries and attempts. SQLite or PostgreSQL, the same tables."""
