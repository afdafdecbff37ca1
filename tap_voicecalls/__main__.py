"""The program `tap-voicecalls`; ``python -m tap_voicecalls`` runs it as well."""

import gc


def main() -> None:
    """Run the tap's command line."""
    # What is imported stays: to search it for garbage again and again is a fifth of the start, and
    # of a long run a tenth.
    gc.disable()
    from tap_voicecalls import cli  # noqa: PLC0415 - it imports everything

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
