"""The archive of recordings: files that providers link to, stored while their links live.

Owns where a recording is stored, what may be fetched, and the state that each recording's row gets.
Imports `calls`, `common` and `http`.
"""
