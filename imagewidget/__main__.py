"""`python -m imagewidget`: the command line."""

from imagewidget.cli.main import main

if __name__ == "__main__":
    main()
