"""Burki: the streams of its assistants, flows and phone numbers, read whole in each run."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.paginators import Paginator
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.paging.page import Page


def _reference(path: str, paging: str) -> Reference:
    return Reference(
        endpoint=f"`GET {path}`",
        paging=paging,
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )


@dataclass(slots=True)
class SkipPaginator(Paginator[int]):
    """Skip the records that came, until a page brings nothing new: a short one may not be the last.

    Attributes:
        size: How many records a page is asked to hold.
    """

    overlaps: ClassVar[bool] = True
    start: ClassVar[int] = 0
    size: int
    _keys: set[Hashable] = field(default_factory=set, init=False)

    def after(self, token: int | None, page: Page) -> int | None:  # noqa: ARG002 - the keys decide
        """Return how many records the next request skips.

        Raises:
            BadAnswer: The server repeats a full page.
        """
        known = len(self._keys)
        self._keys.update(row.key for row in page.items)
        if len(self._keys) > known:
            return len(self._keys)
        if len(page.items) < self.size:
            return None
        msg = "the server ignored the paging parameter and repeated a page"
        raise BadAnswer(msg)


class BurkiDimension(FullTableStream[int], abc.ABC):
    """A list that is read whole.

    Attributes:
        parameters: Parameters of each request.
        page_size: The most records of a page; None if the list has no pages.
    """

    primary_keys: ClassVar = ("account", "id")
    holds_secrets = True
    records_field = "items"  # of SDKs; the documented response is the bare array
    parameters: ClassVar[Mapping[str, Any]] = {}
    page_size: ClassVar[int | None] = None

    def get_new_paginator(self) -> Paginator[int]:
        """Skip what came, if there are pages."""
        return SkipPaginator(self.page_size) if self.page_size else super().get_new_paginator()

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Request a page."""
        paging = {"skip": page.token, "limit": self.page_size} if self.page_size else {}
        return HTTPRequest(self.path, params={**self.parameters, **paging})


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
