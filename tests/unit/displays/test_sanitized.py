"""What readers that do not trust a notebook leave of the saved HTML: every fact, in order."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import pytest

import imagewidget as iw
from imagewidget.displays.html import render
from imagewidget.progress.log import Log
from imagewidget.progress.state import State
from imagewidget.progress.text.safe_text import without_colours
from tests.browser import states
from tests.gallery import MOMENTS
from tests.hostile import Page

# GitHub does not publish what it does to notebooks. This is the list of html-pipeline, the
# library that was made for its comments (`HTMLPipeline::SanitizationFilter::DEFAULT_CONFIG`).
# fmt: off
GITHUB_ELEMENTS = frozenset({
    "a", "abbr", "b", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "ul", "var", "wbr",
})
# fmt: on
GITHUB_ATTRIBUTES = frozenset({"href", "open"})  # of the many it keeps, those that a card needs

# JupyterLab keeps a property if its value matches (`@jupyterlab/apputils`, `sanitizer.ts`).
# These patterns are narrower than its own; tests/browser compares a card with its result.
_COLOUR = r"#[0-9a-f]{6}([0-9a-f]{2})?"
_LENGTH = r"(0|-?[0-9]*\.?[0-9]+(px|em|rem|%))"
_STOP = rf"(transparent|{_COLOUR}) {_LENGTH}"
_RGBA = r"rgba\([0-9]+,[0-9]+,[0-9]+,\.[0-9]+\)"
_GRADIENT = rf"linear-gradient\(90deg(,{_STOP})+\)( 0 100%/100% 2px no-repeat)?"
LAB_STYLES = {
    "background": rf"{_COLOUR}|{_RGBA}|{_GRADIENT}",
    "border": rf"{_LENGTH} solid {_COLOUR}",
    "border-left": rf"{_LENGTH} solid {_COLOUR}",
    "border-radius": _LENGTH,
    "color": _COLOUR,
    "font-family": r"[A-Za-z]+(,([a-z]+|[A-Z][a-z]+|'[A-Za-z ]+'))*",
    "font-size": _LENGTH,
    "height": _LENGTH,
    "line-height": r"[0-9.]+",
    "margin": rf"{_LENGTH}( {_LENGTH}){{0,3}}",
    "max-width": _LENGTH,
    "opacity": r"0?\.[0-9]+",
    "overflow-wrap": "break-word",
    "padding": rf"{_LENGTH}( {_LENGTH}){{0,3}}",
    "padding-left": _LENGTH,
    "text-decoration": r"underline|line-through",
    "text-indent": _LENGTH,
    "white-space": "pre-wrap|nowrap",
}


class GitHub(HTMLParser):
    """Leaves out elements and attributes that are not allowed; their text stays."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self.lost: set[str] = set()
        self.feed(html)
        self.close()

    @property
    def html(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [f' {name}="{escape(value or "")}"' for name, value in attrs if self._keeps(name)]
        if self._allows(tag):
            self._parts.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        if self._allows(tag):
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._parts.append(escape(data))

    def _keeps(self, name: str) -> bool:
        if name not in GITHUB_ATTRIBUTES:
            self.lost.add(name)
        return name in GITHUB_ATTRIBUTES

    def _allows(self, tag: str) -> bool:
        if tag not in GITHUB_ELEMENTS:
            self.lost.add(tag)
        return tag in GITHUB_ELEMENTS


def gallery() -> dict[str, tuple[State, Log | None]]:
    """Return every state of the panel, with the log of those that are recorded."""
    found: dict[str, tuple[State, Log | None]] = {
        f"states-{name}": (state, None) for name, state in states.ALL.items()
    }
    for moment in MOMENTS:
        name, until = f"demo/{moment.name}", moment.until
        job = iw.replay(name, speed=float("inf"), until=until, display=False)
        found[moment.name] = (job.state, job.log)
    return found


GALLERY = gallery()
each_state = pytest.mark.parametrize("name", GALLERY)


def one_line(text: str) -> str:
    return " ".join(text.split())


def facts(state: State, log: Log | None) -> list[str]:
    """Return what a reader must find, in the order in which it is read."""
    found = [state.reference, str(state.phase).split()[0]]
    found[1] = {"checking": "checking the local cache"}.get(found[1], found[1])
    if state.stalled_for is not None:
        found[1] = "stalled for"
    if not state.phase.is_final:
        found.append("Saved ")
    if state.error is not None:
        quoted = [state.error.kind, *state.error.message.split("`")]
        found += [*quoted, *state.error.hint.split("`")]
        found += [line.text for line in state.error.source_lines]
    tries = state.error.attempts if state.error else [a.error for a in state.attempts if a.error]
    for one in tries:
        found += [one.registry, f"attempt {one.number}", one.kind, *one.message.split("`")]
    if log is not None and len(log):
        found.append(without_colours(log.tail(1)[0].text))
    return [one_line(fact) for fact in found if fact.strip()]


@each_state
def test_on_github_every_fact_is_there_and_in_its_order(name: str) -> None:
    state, log = GALLERY[name]
    github = GitHub(render(state, log, mount="1"))
    text = one_line(Page(github.html).text)
    place = 0
    for fact in facts(state, log):
        assert fact in text[place:]
        place = text.index(fact, place) + len(fact)
    for layer in state.layers:
        assert layer.id in text
    for step in state.steps:
        assert one_line(step.name) in text
    for warning in state.warnings:
        assert warning.message in text


@each_state
def test_github_removes_only_styles_classes_and_the_id(name: str) -> None:
    github = GitHub(render(*GALLERY[name], mount="1"))
    assert github.lost <= {"class", "style", "data-imagewidget"}


@each_state
def test_without_styles_no_line_runs_into_the_next(name: str) -> None:
    """Cells of a row are separated by text, and rows by elements that are blocks by themselves."""
    state, log = GALLERY[name]
    html = GitHub(render(state, log)).html
    lines = re.split(r"</?(?:div|details|summary|ul|li|pre)[^>]*>|<br>|\n", html)
    texts = [one_line(Page(line).text) for line in lines]
    for layer in state.layers:
        (line,) = [line for line in texts if layer.id in line]
        assert len(line) < 60


@each_state
def test_jupyterlab_keeps_every_style(name: str) -> None:
    for attribute, value in Page(render(*GALLERY[name])).attributes:
        if attribute != "style":
            continue
        for rule in value.split(";"):
            known, _, given = rule.partition(":")
            assert re.fullmatch(LAB_STYLES[known], given), rule


@each_state
def test_nothing_is_hidden_behind_a_scroll_bar_or_by_position(name: str) -> None:
    html = render(*GALLERY[name])
    assert not re.search(r"max-height|overflow:|position:|display:none", html)


@each_state
def test_what_failed_is_not_folded(name: str) -> None:
    state, log = GALLERY[name]
    if state.error is None:
        return
    open_parts = re.sub(r"<details (?!open).*?</details>", "", render(state, log), flags=re.DOTALL)
    text = one_line(Page(open_parts).text)
    for fact in facts(state, log):
        assert fact in text
    for step in state.steps:
        if step.error:
            assert one_line(step.name) in text
