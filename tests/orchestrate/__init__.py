"""Tests of what runs beside Airflow; the backfill itself is tried by `make airflow`."""
