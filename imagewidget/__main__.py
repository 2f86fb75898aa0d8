"""`python -m imagewidget`, and the command `imagewidget`."""

import signal


def main() -> None:
    """Run the command line, and exit."""
    # Until a job runs, Ctrl-C has nothing to cancel, and ends the process without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from imagewidget.cli.main import main as run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
