"""What `make demo` shows: a table of what landed, and a page of the calls."""
