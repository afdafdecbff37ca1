"""The statuses by which APIs refuse what a request asks for, rather than the account."""

from __future__ import annotations

from http import HTTPStatus

REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
"""A parameter, its value or the object that it names does not exist."""

NO_SUCH_PAGE = REFUSED | {HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
"""The page is past the end of the list."""

UNKNOWN_VALUE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
"""The value of a parameter is not known: not all servers have each of them."""

PART_REFUSED = REFUSED | {HTTPStatus.FORBIDDEN}
"""One part of an account's lists, such as a product, is refused while the others are not."""

MOST_REFUSALS = 2
"""How often a list is read again because a page after the first one was refused."""
