"""Serves on a free port of 127.0.0.1, prints it, and ends when standard input does.

So it does not outlive whoever started it.
"""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.server import app
from snowflake.connector.errors import Error, ProgrammingError
from starlette.routing import Route

from warehouses.snowflake.stand_in.statements import understood
from warehouses.snowflake.stand_in.tables import tables

_execute = FakeSnowflakeCursor.execute


def execute(
    cursor: FakeSnowflakeCursor,
    command: str,
    *words: Any,  # noqa: ANN401 - fakesnow's own
    **options: Any,  # noqa: ANN401 - fakesnow's own
) -> FakeSnowflakeCursor:
    """Execute a statement, in words that fakesnow understands."""
    try:
        return _execute(cursor, understood(cursor, command), *words, **options)
    except Error:
        raise
    except Exception as error:
        # A refusal: a server that fails would be asked again and again.
        raise ProgrammingError(msg=repr(error), errno=2, sqlstate="XX000") from error


def main() -> None:
    """Serve until standard input ends."""
    FakeSnowflakeCursor.execute = execute
    app.router.routes.append(Route("/tables/{database}/{schema}", tables))
    listener = socket.create_server(("127.0.0.1", 0))
    # Else each of a thousand answers waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    serving.start()
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - for who started it
    sys.stdin.read()
    server.should_exit = server.force_exit = True
    serving.join()


main()
