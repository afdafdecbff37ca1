"""What is made to find losses finds those of a provider that nobody named to it."""

from __future__ import annotations

import json
import re
import shlex
import sys

import pytest
from sixth_provider import RUN, python

LISTS = (
    *("sample_config.json", "meltano.yml", "hub/extractors/tap-voicecalls.yml"),
    *("README.md", "mkdocs.yml", "docs/providers/made_up.md"),
)


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
    done = python("-c", soak, "--runs=2", "--hostile=0", "--calls=20", f"--tap={tap}")

    counted = re.search(r"^  made_up_calls +(\d+)$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert counted, done.stdout
    assert int(counted[1]) > 100


def test_it_is_in_all_generated_files() -> None:
    """A provider that a file lists by hand is forgotten there."""
    dump = "json.dumps({str(path): text for path, text in generate.files().items()})"
    printed = python("-c", f"import json, plugin; from scripts import generate; print({dump})")

    assert printed.returncode == 0, printed.stderr
    generated: dict[str, str] = json.loads(printed.stdout)
    assert [path for path in LISTS if "made_up" not in generated[path]] == []
    assert "transform/models/staging/stg_made_up_calls.sql" in generated


def test_the_demo_shows_it() -> None:
    """The demo's table would leave out the calls of a provider that it does not know."""
    shown = "import plugin; from demo import summary; print('made_up_calls' in summary.STREAMS)"

    assert python("-c", shown).stdout.split() == ["True"]
