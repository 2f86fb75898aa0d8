"""An image as a small card, for a notebook in which it is the value of a cell.

The style is inline, because JupyterLab removes `<style>` from what it does not trust and
GitHub removes every style; without any it is still a name with a line below it. The text
has the colour of the page, so that the card fits every theme.
"""

from __future__ import annotations

from html import escape

from imagewidget.progress.text.figures import size
from imagewidget.progress.text.safe_text import visible

_ORIGINS = {"local": "from the local cache", "build": "built locally"}

_LONGEST_NAME = 160
_LONGEST_FACT = 80
_LONGEST_TITLE = 320
_SHORT_DIGEST = 12

_FRAME = (
    "display:inline-block;box-sizing:border-box;max-width:100%;margin:2px 0;padding:8px 14px;"
    "border:1px solid rgba(128,128,128,.4);border-radius:8px;line-height:1.6;"
    "overflow-wrap:break-word"
)
# As quiet as the words around it: a notebook draws a box around `<code>` otherwise.
_CODE = "padding:0;background:transparent;color:inherit;font-size:1em"


def origin(source: str) -> str:
    """Return where an image came from: `built locally`, or `from` and a registry."""
    return _ORIGINS.get(source, f"from {source}" if source else "")


def image_card(reference: str, identity: str, count: int, source: str, digest: str | None) -> str:
    """Return an image as self-contained HTML without scripts and `<style>`.

    Args:
        reference: Its name; may be empty.
        identity: Its id, `sha256:` and 64 hex digits.
        count: Its size in bytes.
        source: `"local"`, `"build"`, or the host of a registry.
        digest: The digest of its manifest, None for a local build.
    """
    facts = (
        _code(identity.removeprefix("sha256:")[:_SHORT_DIGEST], f"image id: {identity}"),
        escape(size(count)),
        _text(origin(source), _LONGEST_FACT),
        _code(_shortened(digest), f"digest: {digest}") if digest else "",
    )
    name = _text(reference or "untagged image", _LONGEST_NAME)
    line = " · ".join(fact for fact in facts if fact)
    return (
        f'<div style="{_FRAME}"><div><b>{name}</b></div>'
        f'<div style="opacity:.8"><small>{line}</small></div></div>'
    )


def _shortened(digest: str) -> str:
    """Return a digest with its first 12 hex digits: `sha256:9f8e7d6c9f8e…`."""
    algorithm, _, value = digest.rpartition(":")
    short = value if len(value) <= _SHORT_DIGEST else f"{value[:_SHORT_DIGEST]}…"
    return f"{algorithm}:{short}" if algorithm else short


def _code(value: str, title: str) -> str:
    shown, whole = _text(value, _LONGEST_FACT), _text(title, _LONGEST_TITLE)
    return f'<code style="{_CODE}" title="{whole}">{shown}</code>' if value else ""


def _text(value: str, longest: int) -> str:
    """Escape a line of text from outside for HTML; cut it if it is too long."""
    shown = visible(value)
    return escape(shown if len(shown) <= longest else f"{shown[:longest]}…")
