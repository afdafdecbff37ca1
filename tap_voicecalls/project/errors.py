"""The error of writing a project."""

from __future__ import annotations

from singer_sdk.exceptions import SingerSDKError


class ProjectError(SingerSDKError):
    """A project cannot be written."""
