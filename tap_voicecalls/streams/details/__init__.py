"""Details of calls, fetched one by one for the calls of a list.

Owns which calls' details are requested, in which order, and what the state remembers of them.
Imports the other modules of `streams`; a provider says how details are requested.
"""
