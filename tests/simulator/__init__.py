"""The simulator keeps to the documents."""
