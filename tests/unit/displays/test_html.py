"""The HTML in a saved notebook is complete, safe, and readable without its styles."""

import re

import pytest

from imagewidget.displays.ansi import to_html
from imagewidget.displays.html import render
from imagewidget.displays.html_parts import AMBER, BLUE, GREEN, RED
from imagewidget.displays.mimebundle import mimebundle
from imagewidget.progress.events import (
    AttemptError,
    AttemptFailed,
    AttemptStarted,
    BuildStarted,
    BuildWarned,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    Image,
    LayerChanged,
    LayerPhase,
    LogWritten,
    RunCancelled,
    SourceLine,
    Started,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from tests.hostile import EVERYTHING, HOSTILE, Page
from tests.told import told

DIGEST = "sha256:" + "d" * 64
IMAGE = Image("sha256:" + "e" * 64, "owner/env:1", DIGEST, 240_000_000, "ghcr.io")


def pulled() -> tuple[State, Log]:
    return told(
        Started("pull", "owner/env:1", "Docker Engine 26.1.5"),
        AttemptStarted("ghcr.io", "ghcr.io/owner/env:1", 1, 3),
        LayerChanged("a" * 12, LayerPhase.CACHED),
        LayerChanged("b" * 12, LayerPhase.DOWNLOADING, 100, 12_000_000),
        LayerChanged("b" * 12, LayerPhase.DONE),
        LogWritten("Status: Downloaded newer image\n"),
        12.4,
        Finished(IMAGE),
    )


def broken_build() -> tuple[State, Log]:
    error = ErrorInfo(
        "BuildFailed",
        "RUN pip install numpi failed with exit code 1.",
        hint="Look at the last lines of the log.",
        step="RUN pip install numpi",
        exit_code=1,
        dockerfile_line=3,
        source_lines=(
            SourceLine(2, "WORKDIR /app"),
            SourceLine(3, "RUN pip install numpi", is_failing=True),
        ),
    )
    run = StepChanged("2", "RUN pip install numpi", StepStatus.FAILED, "stage-0", 2, 3, 1.0, 4.5)
    return told(
        Started("build", "env:1"),
        BuildStarted("buildkit"),
        StepChanged("1", "FROM python:3.13", StepStatus.CACHED, "stage-0", 1, 3),
        run,
        BuildWarned("JSONArgsRecommended", "Use JSON for CMD", "https://docs/x", None, 7),
        LogWritten("\x1b[31mERROR: no such package\x1b[0m\n", "2", 2),
        4.5,
        Failed(error),
    )


def test_a_pull_shows_its_image_its_source_and_how_long_it_took() -> None:
    page = Page(render(*pulled()))
    for words in ("✓ owner/env:1 · ghcr.io · done in 12 s", "240 MB", "e" * 12, DIGEST):
        assert words in page.text
    assert "2 layers, 1 cached" in page.text
    assert "Docker Engine 26.1.5" in page.text


def test_the_layers_of_a_pull_that_succeeded_are_folded() -> None:
    html = render(*pulled())
    folded = html[html.index("<details ") : html.index("</details>")]
    assert not folded.startswith("<details open")
    assert "a" * 12 in folded
    assert "b" * 12 in folded


def test_of_many_layers_the_moving_ones_are_not_folded() -> None:
    done = [LayerChanged(f"{n:012x}", LayerPhase.DONE) for n in range(20)]
    moving = LayerChanged("b" * 12, LayerPhase.DOWNLOADING, 30, 100)
    waiting = LayerChanged("c" * 12, LayerPhase.QUEUED)
    html = render(*told(Started("pull", "env:1"), *done, moving, waiting))
    first, second, third = html.split("</details>")[:3]
    assert "20 of 22 layers done" in first
    assert "<details open" in second
    assert "1 of 22 layers in progress" in second
    assert "bbbbbbbbbbbb  downloading 30 / 100 B" in second
    assert f"{BLUE}40 30%" in second
    assert "1 of 22 layers waiting" in third
    assert "cccccccccccc" in third


def test_of_many_steps_those_that_failed_are_not_folded() -> None:
    done = [
        StepChanged(str(n), f"RUN {n}", StepStatus.DONE, "a", n, 20, n / 2, n / 2 + 0.5)
        for n in range(20)
    ]
    failed = StepChanged("x", "RUN make", StepStatus.FAILED, "a", 20, 20, 10.0, 14.0)
    state, log = told(
        Started("build", "env:1"), *done, failed, 14.0, Failed(ErrorInfo("BuildFailed", "No."))
    )
    first, second = render(state, log).split("</details>")[:2]
    assert "20 of 21 steps done" in first
    assert "<details open" not in first
    assert "RUN 19" in first
    assert "1 of 21 steps failed" in second
    assert "<details open" in second
    assert "RUN make" in second


def test_a_failed_build_shows_the_error_its_hint_its_source_lines_and_its_log() -> None:
    html = render(*broken_build())
    page = Page(html)
    for words in (
        "✗ env:1",
        "BuildFailed: RUN pip install numpi failed with exit code 1.",
        "→ Look at the last lines of the log.",
        ">    3 │ RUN pip install numpi",
        "[stage-0 2/3] RUN pip install numpi",
        "✗ failed 3.5 s  [stage-0 2/3] RUN",
        "≡ cached        [stage-0 1/3] FROM python:3.13",
        "1 warning",
        "JSONArgsRecommended (line 7)",
        "ERROR: no such package",
    ):
        assert words in page.text
    assert ("href", "https://docs/x") in page.attributes
    assert re.search("<details open[^>]*><summary>log, 1 line</summary>", html)


def test_the_step_that_failed_is_named_once() -> None:
    named = ErrorInfo("BuildFailed", "RUN make failed.", step="RUN make", exit_code=2)
    other = ErrorInfo("BuildFailed", "It failed.", step="RUN make", exit_code=2)
    started = Started("build", "env:1")
    assert Page(render(*told(started, Failed(named)))).text.count("RUN make") == 1
    assert "in step RUN make, exit code 2" in Page(render(*told(started, Failed(other)))).text


@pytest.mark.parametrize(("reason", "times"), [("No.", 1), ("exit code: 2", 2)])
def test_why_a_step_failed_is_not_repeated(reason: str, times: int) -> None:
    failed = StepChanged("1", "RUN make", StepStatus.FAILED, "", 1, 1, 1.0, 2.0, error=reason)
    error = Failed(ErrorInfo("BuildFailed", "No."))
    text = Page(render(*told(Started("build", "env:1"), failed, error))).text
    assert text.count("No.") + text.count("exit code: 2") == times


def test_many_warnings_are_counted() -> None:
    warned = [BuildWarned(f"casing {number}") for number in range(60)]
    page = Page(render(*told(Started("build", "env:1"), *warned, RunCancelled())))
    assert "60 warnings" in page.text
    assert "and 10 more" in page.text
    assert "casing 50" not in page.text


def test_text_in_backticks_becomes_code() -> None:
    error = ErrorInfo("AccessDenied", "Denied.", hint="Log in with `docker login <HOST>`.")
    html = render(*told(Started("pull", "env:1"), Failed(error)))
    assert "Log in with <code>docker login &lt;HOST&gt;</code>." in html


def test_every_attempt_is_listed_with_its_registry() -> None:
    lost = AttemptError("ghcr.io", "ghcr.io/env:1", 1, "ImageNotFound", "No such image.")
    page = Page(
        render(
            *told(
                Started("pull", "env:1"),
                AttemptStarted("ghcr.io", "ghcr.io/env:1", 1, 3),
                AttemptFailed(lost),
                AttemptStarted("docker.io", "docker.io/env:1", 1, 3),
                Finished(IMAGE),
            )
        )
    )
    assert "ghcr.io, attempt 1 of 3: ImageNotFound: No such image." in page.text
    assert "docker.io, attempt 1 of 3: succeeded" in page.text


def test_an_unfinished_run_shows_that_moment_and_is_marked_as_such() -> None:
    layers = [LayerChanged(f"{n:012x}", LayerPhase.DOWNLOADING, 1, 4) for n in range(3)]
    attempt = AttemptStarted("ghcr.io", "ghcr.io/env:1", 1, 3)
    log = [LogWritten(f"line {n}\n") for n in range(40)]
    text = Page(render(*told(Started("pull", "env:1"), attempt, *layers, *log, 4.0))).text
    for words in (
        "pulling · 4.0 s",
        "18 % · 3 / 12 B",
        "Saved while the job was running: 18 % done after 4.0 s.",
        "▸ 000000000002  downloading 1 / 4 B",
        "log, last 12 of 40 lines",
        "line 39",
    ):
        assert words in text
    assert "Saved while" not in Page(render(*pulled())).text


def test_a_job_that_has_not_started_is_marked_as_such() -> None:
    text = Page(render(*told(Started("pull", "env:1")))).text
    assert "Saved before the job had started." in text


def test_a_running_step_shows_its_time_and_its_bytes() -> None:
    state, log = told(
        Started("build", "env:1"),
        BuildStarted("buildkit"),
        StepChanged("1", "FROM python:3.13", StepStatus.RUNNING, "base", 1, 3, 1.0),
        TransferChanged("1", "a", "a", 3_000_000, 8_000_000),
        TransferChanged("1", "b", "b", 1_000_000),
        4.0,
    )
    html = render(state, log)
    assert "running 3.0 s  [base 1/3] FROM python:3.13  4.00 MB / ≥ 9.00 MB" in Page(html).text
    assert f"{BLUE}99 25%" in html


@pytest.mark.parametrize(
    ("end", "shown"), [(Finished(IMAGE), 50), (RunCancelled(), 30)], ids=["done", "cancelled"]
)
def test_only_the_end_of_a_long_log_is_kept(end: Event, shown: int) -> None:
    lines = [LogWritten(f"line {n}\n") for n in range(1000)]
    state, log = told(Started("build", ""), *lines, end)
    page = Page(render(state, log))
    assert f"log, last {shown} of 1\N{NARROW NO-BREAK SPACE}000 lines" in page.text
    assert "line 999" in page.text
    assert f"line {999 - shown}\n" not in page.text


def test_lines_of_many_colours_lose_them_before_they_cost_too_much() -> None:
    line = "".join(f"\x1b[3{n % 8}m{n % 10}" for n in range(300))
    html = render(*told(Started("build", ""), LogWritten(f"{line}\n"), RunCancelled()))
    assert "0123456789" in html


def test_a_page_finds_the_outermost_element_by_its_id() -> None:
    html = render(*pulled(), mount='a"><b>')
    assert html.startswith('<div data-imagewidget="a&quot;&gt;&lt;b&gt;" ')
    assert "data-imagewidget" not in render(*pulled())
    saved = mimebundle(*pulled(), mount="1f")
    assert saved["text/html"].startswith('<div data-imagewidget="1f" ')
    assert "1f" not in saved["text/plain"]


def test_every_background_is_translucent() -> None:
    styles = [value for name, value in Page(render(*broken_build())).attributes if name == "style"]
    backgrounds = [rule for style in styles for rule in style.split(";") if "background" in rule]
    assert backgrounds
    colours = [found for rule in backgrounds for found in re.findall("#[0-9a-f]*", rule)]
    assert all(len(colour) == len("#rrggbbaa") for colour in colours)


def hostile_run() -> tuple[State, Log]:
    bad = EVERYTHING
    attempt = AttemptError(bad, bad, 1, "PullFailed", bad)
    error = ErrorInfo("BuildFailed", bad, bad, (bad,), bad, 1, 1, (SourceLine(1, bad),), (attempt,))
    return told(
        Started("build", bad, bad),
        AttemptStarted(bad, bad, 1, 3),
        AttemptFailed(attempt),
        LayerChanged(bad, LayerPhase.DONE),
        LayerChanged(bad + "2", LayerPhase.DOWNLOADING, 1, 2),
        StepChanged("1", bad, StepStatus.FAILED, bad, 1, 2, 1.0, 2.0, error=bad),
        BuildWarned(bad, bad, "javascript:alert(1)"),
        *(LogWritten(f"{text}\n") for text in HOSTILE),
        Failed(error),
    )


def test_hostile_text_is_escaped() -> None:
    page = Page(render(*hostile_run()))
    assert not {"script", "img", "h1", "style"} & set(page.tags)
    assert {name for name, _ in page.attributes} <= {"class", "style", "open"}
    assert page.text.count("<script>window.hacked = true</script>") > 8
    assert not any(ord(character) < 32 and character != "\n" for character in page.text)
    assert "\u202e" not in page.text
    assert "<U+202E>" in page.text
    assert "nul␀bell␇" in page.text


def test_a_hostile_image_name_is_escaped() -> None:
    image = Image(EVERYTHING, EVERYTHING, EVERYTHING, 1, EVERYTHING)
    page = Page(render(*told(Started("pull", EVERYTHING), Finished(image))))
    assert "script" not in page.tags
    assert "\x1b" not in page.text


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("\x1b[31mred\x1b[0m no more", '<span style="color:#d04444">red</span> no more'),
        ("\x1b[1mbold\x1b[22m thin", "<b>bold</b> thin"),
        ("\x1b[3;4mboth", '<span style="text-decoration:underline"><i>both</i></span>'),
        ("\x1b[38;5;196mpalette", '<span style="color:#ed0000">palette</span>'),
        ("\x1b[38:2::255:0:0mcolons", '<span style="color:#ed0000">colons</span>'),
        ("\x1b[41mback\x1b[49m", '<span style="background:rgba(205,0,0,.3)">back</span>'),
        ("\x1b[7minverse", '<span style="background:rgba(128,128,128,.35)">inverse</span>'),
        ("\x1b[38;5mcut short", "cut short"),
        ("\x1b[" + "9" * 5000 + "mabsurd", "absurd"),
    ],
)
def test_colours_become_inline_styles(line: str, html: str) -> None:
    assert to_html(line) == html


@pytest.mark.parametrize("code", [*range(30, 38), *range(90, 98)])
def test_every_colour_is_legible_on_both_white_and_black(code: int) -> None:
    html = to_html(f"\x1b[{code}mtext")
    value = html.split("#")[1][:6]
    parts = [int(value[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) >= 4.5
    assert (luminance + 0.05) / 0.05 >= 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [BLUE, GREEN, RED, AMBER])
def test_a_colour_is_as_visible_on_white_as_on_jupyterlabs_dark_background(colour: str) -> None:
    on_white = 1.05 / (luminance(colour) + 0.05)
    on_dark = (luminance(colour) + 0.05) / (luminance("#111111") + 0.05)
    assert min(on_white, on_dark) >= 4.25
