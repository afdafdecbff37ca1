"""A backfill on a real Airflow into a real PostgreSQL, with killed tasks; for `make airflow`."""
