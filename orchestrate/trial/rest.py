"""Airflow's REST API, as far as a backfill needs it."""

from __future__ import annotations

from typing import Any

import requests

_DAG = "voicecalls_backfill"
_SECONDS = 60


class Rest:
    """The API of an Airflow that lets everybody in.

    Args:
        url: Where it is.
    """

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def is_ready(self) -> bool:
        """Tell whether it answers, and has the DAG."""
        try:
            self._log_in()
            self._ask("GET", f"dags/{_DAG}")
        except (requests.ConnectionError, requests.HTTPError):
            return False
        return True

    def trigger(self) -> str:
        """Start a run of the backfill and return its id."""
        self._ask("PATCH", f"dags/{_DAG}", {"is_paused": False})
        run: str = self._ask("POST", f"dags/{_DAG}/dagRuns", {"logical_date": None})["dag_run_id"]
        return run

    def state(self, run: str) -> str:
        """Return the state of a run."""
        state: str = self._ask("GET", f"dags/{_DAG}/dagRuns/{run}")["state"]
        return state

    def tasks(self, run: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        found: list[dict[str, Any]] = []
        while True:
            query = f"taskInstances?limit=100&offset={len(found)}"
            answer = self._ask("GET", f"dags/{_DAG}/dagRuns/{run}/{query}")
            found += answer["task_instances"]
            if len(found) >= answer["total_entries"] or not answer["task_instances"]:
                return found

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _log_in(self) -> None:
        answer = self._session.get(f"{self._url}/auth/token", timeout=_SECONDS)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = f"{self._url}/api/v2/{path}"
        answer = self._session.request(method, url, json=body, timeout=_SECONDS)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
