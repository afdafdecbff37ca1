"""What lands in Snowflake, as far as a stand-in for it can tell."""
