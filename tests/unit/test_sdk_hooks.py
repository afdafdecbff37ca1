"""The hooks into the SDK: all are in the table, each exists, and no other module has one."""

from __future__ import annotations

import ast
import importlib
import inspect
import logging
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from singer_sdk import Stream
from singer_sdk.mapper import CustomStreamMap

import tap_voicecalls
from tap_voicecalls.output.sdk_hooks.hook import SUPPORTED, Hook, SdkChangedError, require
from tap_voicecalls.output.sdk_hooks.maps import custom_maps_of
from tap_voicecalls.output.sdk_hooks.stream import SdkStream
from tap_voicecalls.output.sdk_hooks.table import HOOKS
from tap_voicecalls.output.stream_maps import ExactMap, StreamMapper
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from singer_sdk.mapper import StreamMap

SDK = ("singer_sdk", "simpleeval")
HOOKS_PACKAGE = "tap_voicecalls.output.sdk_hooks"
ROOT = Path(__file__).parents[2]


def modules() -> Iterator[ModuleType]:
    """Yield all modules of the tap but the one that runs it, and the simulator."""
    for found in pkgutil.walk_packages(tap_voicecalls.__path__, "tap_voicecalls."):
        if not found.name.startswith(("tap_voicecalls.__main__", "tap_voicecalls.simulator")):
            yield importlib.import_module(found.name)


MODULES = list(modules())
OUTSIDE = [each for each in MODULES if not each.__name__.startswith(HOOKS_PACKAGE)]
INSIDE = [each for each in MODULES if each.__name__.startswith(HOOKS_PACKAGE)]


def is_private(name: str) -> bool:
    """Whether a name has one leading underscore."""
    return name.startswith("_") and not name.startswith("__") and name != "_abc_impl"


def classes(module: ModuleType) -> Iterator[type]:
    """Yield the classes that a module defines."""
    for each in vars(module).values():
        if inspect.isclass(each) and each.__module__ == module.__name__:
            yield each


def sdk_bases(cls: type) -> list[type]:
    """Return those of a class's bases that the SDK defines."""
    return [each for each in cls.__mro__ if each.__module__.split(".")[0] in SDK]


def private_names(cls: type) -> set[str]:
    """Return the private names that the SDK's bases of a class define, of instances as well."""
    names: set[str] = set()
    for base in sdk_bases(cls):
        names |= {name for name in vars(base) if is_private(name)}
        for node in ast.walk(ast.parse(inspect.cleandoc("\n" + inspect.getsource(base)))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names |= {node.attr} if is_private(node.attr) else set()
    return names


def used_names(cls: type) -> set[str]:
    """Return the private names that the body of a class defines, or uses of ``self`` or others."""
    tree = ast.parse(inspect.getsource(cls))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {name for name in defined | used if is_private(name)}


def private_imports(module: ModuleType) -> set[str]:
    """Return the private names, and names of private modules, that a module imports of the SDK."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in SDK:
            of_private_module = any(map(is_private, (node.module or "").split(".")))
            found |= {
                each.name for each in node.names if of_private_module or is_private(each.name)
            }
        elif isinstance(node, ast.Import):
            found |= {
                each.name
                for each in node.names
                if each.name.split(".")[0] in SDK and any(map(is_private, each.name.split(".")))
            }
    return found


@pytest.mark.parametrize("module", OUTSIDE, ids=lambda each: each.__name__)
def test_no_other_module_uses_a_private_name_of_the_sdk(module: ModuleType) -> None:
    """Hooks outside the package would be missed when the SDK changes."""
    assert private_imports(module) == set()
    for cls in classes(module):
        if bases := sdk_bases(cls):
            assert used_names(cls) & private_names(cls) == set(), (cls, bases)


def test_no_other_module_suppresses_the_lint_against_private_names() -> None:
    """Ruff (SLF001) reports private names of objects other than ``self``."""
    suppressed = {each.__name__ for each in OUTSIDE if "SLF001" in inspect.getsource(each)}

    assert suppressed == set()


def test_the_table_lists_each_private_name_that_is_used() -> None:
    """A hook that is missing from the table would have no reason and no check."""
    used: set[str] = set()
    for module in INSIDE:
        used |= private_imports(module) - {"_batch", "_catalog", "BaseBatchFileEncoding"}
        for cls in classes(module):
            used |= used_names(cls) & private_names(cls)

    listed = {hook.name for hook in HOOKS} | {
        hook.owner.__name__ for hook in HOOKS if isinstance(hook.owner, type)
    }
    assert used - listed == set()


@pytest.mark.parametrize("hook", HOOKS, ids=str)
def test_each_hook_exists_and_has_its_reasons(hook: Hook) -> None:
    """A release of the SDK that drops a name fails here."""
    require([hook])
    assert hook.purpose
    assert hook.without


@pytest.mark.parametrize("hook", [each for each in HOOKS if each.of_instance], ids=str)
def test_a_stream_has_the_names_of_instances(hook: Hook) -> None:
    """The SDK's constructor sets these names, so the class does not have them."""
    tap = TapVoiceCalls(config={"start_date": "2026-01-05", "burki": {"api_key": "key"}})

    assert all(hasattr(stream, hook.name) for stream in tap.streams.values())


@pytest.mark.parametrize("hook", [each for each in HOOKS if each.use == "overrides"], ids=str)
def test_each_override_overrides_something(hook: Hook) -> None:
    """An override that was removed or renamed must leave the table."""
    assert isinstance(hook.owner, type)
    overriding = [
        cls
        for module in MODULES
        for cls in classes(module)
        if issubclass(cls, hook.owner) and hook.name in vars(cls)
    ]

    assert overriding


def test_a_missing_name_is_one_clear_line() -> None:
    """Users read which releases to install."""
    gone = Hook(Stream, "_renamed", "overrides", "purpose", "without")

    with pytest.raises(SdkChangedError) as caught:
        require([*HOOKS, gone])

    assert re.fullmatch(
        r"singer-sdk \S+ has no `Stream\._renamed`, which the tap overrides; install another "
        r"release: pip install 'singer-sdk>=[\d.]+,<[\d.]+'",
        str(caught.value),
    )


def test_the_tap_does_not_start_without_a_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    """An override of a name that the SDK no longer has would otherwise do nothing, silently."""
    monkeypatch.delattr(Stream, "_increment_stream_state")

    with pytest.raises(SdkChangedError, match=r"no `Stream\._increment_stream_state`"):
        TapVoiceCalls(config={"start_date": "2026-01-05", "burki": {"api_key": "key"}})


def test_the_message_names_the_releases_of_the_project_file() -> None:
    """They are written twice, as an installed tap has no project file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert f"singer-sdk{SUPPORTED}" in project["dependencies"]


def test_the_maps_of_the_settings_are_exact() -> None:
    """The SDK has no setting for the class of its maps: its own would round amounts."""
    mapper = StreamMapper({"stream_maps": {"some": {"euros": "cost"}}}, logging.getLogger())

    mapper.register_raw_stream_schema("some", {"properties": {"id": {}, "cost": {}}}, ["id"])

    assert [type(each) for each in mapper.stream_maps["some"]] == [ExactMap]


def test_an_sdk_that_makes_maps_of_another_class_is_found() -> None:
    """Such maps would round amounts without an error."""
    maps: dict[str, list[StreamMap]] = {}

    with (
        pytest.raises(SdkChangedError, match="class of stream maps"),
        custom_maps_of(ExactMap, maps),
    ):
        maps["some"] = [CustomStreamMap.__new__(CustomStreamMap)]


def test_an_sdk_that_does_not_read_deselected_feeders_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The calls of a provider would be missing without an error."""
    monkeypatch.setattr(Stream, "has_selected_descendents", False)
    tap = TapVoiceCalls(config={"start_date": "2026-01-05", "burki": {"api_key": "key"}})
    feeder, calls = tap.streams["burki_calls"], tap.streams["calls"]
    assert isinstance(feeder, SdkStream)

    with pytest.raises(SdkChangedError, match="deselected stream burki_calls for calls"):
        feeder.read_also_if_deselected(calls)
