"""Compares the speed of the tap with other tools that read the same API. See README.md."""
