"""A client for the parts of Airflow's REST API that a backfill needs."""

from __future__ import annotations

from typing import Any

import requests

_DAG = "voicecalls_backfill"
_SECONDS = 60


class Rest:
    """A client for an Airflow without passwords.

    Args:
        url: The address of Airflow.
    """

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def is_ready(self) -> bool:
        """Return whether Airflow responds and has the DAG."""
        try:
            self._log_in()
            self._request("GET", f"dags/{_DAG}")
        except (requests.ConnectionError, requests.HTTPError):
            return False
        return True

    def trigger(self) -> str:
        """Start a run of the backfill and return its id."""
        self._request("PATCH", f"dags/{_DAG}", {"is_paused": False})
        run: str = self._request("POST", f"dags/{_DAG}/dagRuns", {"logical_date": None})[
            "dag_run_id"
        ]
        return run

    def state(self, run: str) -> str:
        """Return the state of a run."""
        state: str = self._request("GET", f"dags/{_DAG}/dagRuns/{run}")["state"]
        return state

    def tasks(self, run: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        tasks: list[dict[str, Any]] = []
        while True:
            query = f"taskInstances?limit=100&offset={len(tasks)}"
            page = self._request("GET", f"dags/{_DAG}/dagRuns/{run}/{query}")
            tasks += page["task_instances"]
            if len(tasks) >= page["total_entries"] or not page["task_instances"]:
                return tasks

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _log_in(self) -> None:
        response = self._session.get(f"{self._url}/auth/token", timeout=_SECONDS)
        response.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {response.json()['access_token']}"

    def _request(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = f"{self._url}/api/v2/{path}"
        response = self._session.request(method, url, json=body, timeout=_SECONDS)
        response.raise_for_status()
        content: dict[str, Any] = response.json()
        return content
