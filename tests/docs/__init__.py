"""The documentation: what it says is true, its commands run, its links lead somewhere."""
