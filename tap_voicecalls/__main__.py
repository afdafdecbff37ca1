"""The program `tap-voicecalls`, also run by ``python -m tap_voicecalls``."""

import gc

from tap_voicecalls.postponed import OF_SDK, postponed


def main() -> None:
    """Run the tap's command line."""
    # Imported modules stay in memory: collecting garbage in them takes a fifth of the start-up, and
    # a tenth of a long run.
    gc.disable()
    with postponed(OF_SDK):
        from tap_voicecalls import cli  # noqa: PLC0415 - it imports everything

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
