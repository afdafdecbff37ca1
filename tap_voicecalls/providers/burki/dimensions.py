"""Burki: the streams of its assistants, flows and phone numbers, read whole in each run."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.http.answers import Answer


def _reference(path: str, paging: str) -> Reference:
    return Reference(
        endpoint=f"`GET {path}`",
        paging=paging,
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )


class BurkiDimension(FullTableStream, abc.ABC):
    """A list that is read whole.

    Attributes:
        parameters: Parameters of each request.
    """

    primary_keys: ClassVar = ("account", "id")
    holds_secrets = True
    parameters: ClassVar[Mapping[str, Any]] = {}

    def get_http_request(self, skip: int, cursor: str | None) -> HTTPRequest:  # noqa: ARG002 - pages name none
        """Request a page."""
        paging = {} if self.page_size is None else {"skip": skip, "limit": self.page_size}
        return HTTPRequest(self.path, params={**self.parameters, **paging})

    def parse_page(self, answer: Answer) -> Page:
        """Read the bare array; SDKs accept ``{"items": […]}`` as well."""
        return Page(answer.records("items"))


class BurkiAssistants(BurkiDimension):
    """The assistants; keys of other services inside them are removed."""

    name = "burki_assistants"
    path = "/api/v1/assistants"
    reference = _reference(path, "`skip`; pages of 1000")
    page_size = 1000  # the highest allowed `limit`
    parameters: ClassVar = {"include_stats": "true"}


class BurkiFlows(BurkiDimension):
    """The flows, inactive ones too."""

    name = "burki_flows"
    path = "/api/v1/flows"
    reference = _reference(path, "`skip`; pages of 500")
    page_size = 500  # the highest allowed `limit`
    parameters: ClassVar = {"active_only": "false"}


class BurkiPhoneNumbers(BurkiDimension):
    """The phone numbers, inactive ones too."""

    name = "burki_phone_numbers"
    path = "/api/v1/assistants/organization/phone-numbers"
    reference = _reference(path, "none: one array")
    parameters: ClassVar = {"include_inactive": "true"}
