"""What the documentation says about a stream; `make generate` writes it into the docs."""

from __future__ import annotations

from dataclasses import dataclass

WITHOUT_START = "[calls without a start](../how-it-reads.md#calls-without-a-start)"
"""A link, from the page of a provider."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The facts of a provider's list, each a cell of a table in Markdown.

    Attributes:
        endpoint: Method and path, and how often it is requested.
        paging: How it is paged, and the size of a page.
        time_filter: The filter of the API, with which bounds, and how the stream uses it.
        order: The order in which the API lists records.
        late_changes: What of a record changes, or appears, after the start of the call.
    """

    endpoint: str
    paging: str
    time_filter: str
    order: str
    late_changes: str
