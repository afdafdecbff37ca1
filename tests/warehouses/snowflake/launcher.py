#!/usr/bin/env python
"""target-snowflake as it is, but that it goes to 127.0.0.1, and loads one table after the other.

It has a setting for neither. The stand-in merges by way of one table, so it knows no two at once.
"""

import os
import sys

from snowflake.sqlalchemy.snowdialect import SnowflakeDialect
from target_snowflake.target import TargetSnowflake

_STAND_IN = {
    "protocol": "http",
    "host": "127.0.0.1",
    "port": int(os.environ["SNOWFLAKE_STAND_IN_PORT"]),
    # Else the connector is patient for very long.
    "login_timeout": 20,
    "network_timeout": 60,
    "socket_timeout": 60,
    "disable_ocsp_checks": True,
}
_connect = SnowflakeDialect.connect

TargetSnowflake.max_parallelism = 1
SnowflakeDialect.connect = lambda self, **wanted: _connect(self, **{**wanted, **_STAND_IN})
sys.exit(TargetSnowflake.cli())
