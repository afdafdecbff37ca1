"""A large backfill, divided into shards that many processes read side by side."""
