"""The command `voicecalls-init`."""
