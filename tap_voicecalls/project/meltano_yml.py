"""The project's meltano.yml: short, since the definitions of the plugins are in lock files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tap_voicecalls.common.program import PACKAGE
from tap_voicecalls.project.shipped import definition

if TYPE_CHECKING:
    from tap_voicecalls.project.choices import Choices, Loader

_HEAD = """\
# Written by `voicecalls-init`. Keys and passwords belong into .env; .env.example names them.
# `meltano config list tap-voicecalls` lists all settings.
"""
_ENVIRONMENTS = """
# `simulated` reads made-up calls from the tap's built-in simulator: no account, no network.
# `prod` reads the accounts whose keys are in .env. Choose with --environment, or here.
"""
_PLUGINS = """
# `plugins/` has the definitions of these plugins.
"""
_JOBS = """
# `meltano run load`; from cron: `meltano --environment=prod schedule run daily`.
"""
_SIMULATED = {"simulate": True, "start_date": "2026-01-05", "end_date": "2026-01-12"}

Node = dict[str, Any]


def text(choices: Choices) -> str:
    """Return meltano.yml."""
    loader = choices.loader
    run = f"{PACKAGE} {loader.plugin}"
    jobs = [{"name": "load", "tasks": [run]}]
    if loader.dbt:
        jobs.append({"name": "build", "tasks": [f"{run} {loader.dbt}:build"]})
    head = {"requires_meltano": ">=4,<5", "send_anonymous_usage_stats": False}
    environment = "simulated" if choices.simulated else "prod"
    environments = [{"name": "simulated", "config": _simulated(choices)}, {"name": "prod"}]
    schedules = [{"name": "daily", "interval": "@daily", "job": jobs[-1]["name"]}]
    return "".join(
        (
            _HEAD + _yaml(head),
            _ENVIRONMENTS
            + _yaml({"default_environment": environment, "environments": environments}),
            _PLUGINS + _yaml({"plugins": _plugins(choices)}),
            _JOBS + _yaml({"jobs": jobs, "schedules": schedules}),
        )
    )


def _yaml(node: Node) -> str:
    written: str = yaml.safe_dump(node, sort_keys=False, width=120, allow_unicode=True)
    return written


def _simulated(choices: Choices) -> Node:
    """Return what the environment `simulated` sets: made-up keys, and a place of its own."""
    keys = {
        f"{provider.name}.{key}": "simulated"
        for provider in choices.providers
        for key in provider.required_keys()[0]
    }
    loader = choices.loader
    plugins = {"extractors": [{"name": PACKAGE, "config": {**_SIMULATED, **keys}}]}
    if loader.separated:
        plugins["loaders"] = [{"name": loader.plugin, "config": dict(loader.separated)}]
        if loader.dbt:
            schemas = {
                "source_schema": loader.separated["default_target_schema"],
                "schema": "analytics_simulated",
            }
            plugins["utilities"] = [{"name": loader.dbt, "config": schemas}]
    return {"plugins": plugins}


def _plugins(choices: Choices) -> Node:
    defined = definition("extractors", PACKAGE)
    tap = {
        "name": PACKAGE,
        "variant": defined["variant"],
        "pip_url": choices.pip_url,
        # The catalog follows the settings: a provider's streams are there when the provider is.
        "use_cached_catalog": False,
        "config": {"start_date": choices.start_date.isoformat()},
        # Written out, since `meltano select` would replace a list that only the lock file has.
        "select": defined["select"],
    }
    loader = choices.loader
    plugins = {"extractors": [tap], "loaders": [_loader(loader)]}
    if loader.dbt:
        variant = definition("utilities", loader.dbt)["variant"]
        utility = {"name": loader.dbt, "variant": variant}
        if loader.dbt_address:
            utility["config"] = _address(loader)
        plugins["utilities"] = [utility]
    return plugins


def _loader(loader: Loader) -> Node:
    """Return the loader with its recommended settings spelled out, so that people see them."""
    defined = definition("loaders", loader.plugin)
    values = {one["name"]: one["value"] for one in defined["settings"] if "value" in one}
    # Meltano takes variables for a plugin's process from here only, and not from a lock file.
    env = {"env": defined["env"]} if "env" in defined else {}
    return {"name": loader.plugin, "variant": defined["variant"], **env, "config": values}


def _address(loader: Loader) -> Node:
    """Return the address of the database for dbt: that of the loader, from .env."""
    return {name: f"${loader.variable(setting)}" for name, setting in loader.dbt_address.items()}
