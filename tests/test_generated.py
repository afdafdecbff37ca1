"""The files that `make generate` writes are as it would write them now."""

from __future__ import annotations

import pytest

from scripts import dbt_staging, generate
from scripts.marked import replaced


def test_they_are_up_to_date() -> None:
    """Catches a setting, stream or field that changed in the code alone; run `make generate`."""
    there = {path: (generate.ROOT / path) for path in generate.files()}
    behind = [
        str(path)
        for path, text in generate.files().items()
        if not there[path].exists() or there[path].read_text(encoding="utf-8") != text
    ]

    assert behind == []


def test_no_staging_model_is_left_over() -> None:
    """A model of a stream that no longer exists would fail in every dbt run."""
    models = {path.name for path in (generate.ROOT / dbt_staging.FOLDER).iterdir()}

    assert models == {path.name for path in dbt_staging.files()}


@pytest.mark.parametrize("text", ["", "# begin a\n", "# begin a\n# end a\n# begin a\n# end a\n"])
def test_marks_that_are_not_one_pair_are_refused(text: str) -> None:
    """A table that is put in the wrong place, or nowhere, would go unnoticed."""
    with pytest.raises(ValueError, match="one pair"):
        replaced(text, "a", "new")


def test_what_is_between_the_marks_is_replaced() -> None:
    """The marks stay for the next time, and so does all else."""
    text = "1\n# begin a: by hand\nold\n# end a\n2\n"

    assert replaced(text, "a", "new\n") == "1\n# begin a: by hand\nnew\n# end a\n2\n"
