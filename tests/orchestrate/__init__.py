"""Tests of the code for Airflow; `make airflow` tests a whole backfill."""
