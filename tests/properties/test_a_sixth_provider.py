"""What is made to find losses finds those of a provider that nobody named to it."""

from __future__ import annotations

import re
import shlex
import sys

import pytest
from sixth_provider import RUN, python


@pytest.mark.parametrize(
    "suite",
    ["properties/test_nothing_is_lost.py", "warehouses/test_expected.py", "unit/test_conform.py"],
)
def test_other_suites_cover_it(suite: str) -> None:
    """A provider is run through random worlds, and has a truth that what lands is compared with."""
    own = (f"tests/{suite}", "-k", "made_up")
    done = python("-m", "pytest", "-q", "-p", "plugin", "-p", "no:cacheprovider", *own)

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_the_soak_covers_it() -> None:
    """A provider that no night of faults and kills has met is not known to lose nothing."""
    soak = "import plugin, runpy; runpy.run_path('soak/soak.py', run_name='__main__')"
    tap = shlex.join([sys.executable, "-c", RUN])
    done = python("-c", soak, "--runs=2", "--hostile=0", f"--tap={tap}")

    counted = re.search(r"^  made_up_calls +(\d+)$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert counted, done.stdout
    assert int(counted[1]) > 100
