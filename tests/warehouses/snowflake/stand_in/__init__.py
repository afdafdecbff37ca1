"""A stand-in for Snowflake: fakesnow, with what target-snowflake needs beyond it.

It runs in an environment of its own, `.cache/fakesnow`, from the folder of the tests, as
`python -m warehouses.snowflake.stand_in`.
"""
