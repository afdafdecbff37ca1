"""The command `voicecalls-page`: one HTML file of the calls, which needs no network."""
