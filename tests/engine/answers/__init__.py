"""What each engine answers to the same questions: the table behind `docs/engines.md`.

`check.py` says what a question is; `about.py`, `pulls.py`, `builds.py`, `options.py` and
`failures.py` ask, each with the answers that are expected; `document.py` writes the page.
`tests/engine/test_answers.py` asks every engine.
"""
