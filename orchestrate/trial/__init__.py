"""The backfill on a real Airflow, with kills, into a real PostgreSQL; `make airflow` runs it."""
