"""The command `voicecalls-init`: writes a Meltano project, from what comes with the package."""
