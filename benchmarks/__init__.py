"""How fast the tap is, beside other ways of reading the same API. See README.md."""
