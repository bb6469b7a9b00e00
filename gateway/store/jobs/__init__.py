"""Jobs of Procrastinate on PostgreSQL: each names one id that may be worked on. The ledger alone is the truth."""
