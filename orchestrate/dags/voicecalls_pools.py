"""Print the pools of a plan, one for each account, for `airflow pools import`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from voicecalls_plan import pools, read_plan

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="the plan file of voicecalls-plan")
    json.dump(pools(read_plan(parser.parse_args().plan)), sys.stdout, indent=2)
    sys.stdout.write("\n")
