"""The simulated API of the made-up provider."""
