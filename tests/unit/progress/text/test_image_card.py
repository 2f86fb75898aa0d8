"""An image shows itself as a small card in a notebook, and as its fields in a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagewidget.progress.events import Image
from tests.hostile import EVERYTHING, HOSTILE, Page

ID, DIGEST = "sha256:" + "a1b2c3d4" * 8, "sha256:" + "9f8e7d6c" * 8
IMAGE = Image(ID, "owner/env:1", DIGEST, 184_000_000, "ghcr.io")


def card(**changes: object) -> Page:
    return Page(replace(IMAGE, **changes)._repr_html_())  # type: ignore[arg-type]


def titles(page: Page) -> list[str]:
    return [value for name, value in page.attributes if name == "title"]


def test_a_card_has_the_name_and_a_line_of_facts() -> None:
    page = card()
    assert page.text == "owner/env:1a1b2c3d4a1b2 · 184 MB · from ghcr.io · sha256:9f8e7d6c9f8e…"
    assert titles(page) == [f"image id: {ID}", f"digest: {DIGEST}"]


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("build", "built locally"),
        ("local", "from the local cache"),
        ("localhost:5000", "from localhost:5000"),
    ],
)
def test_a_card_names_where_the_image_came_from(source: str, origin: str) -> None:
    assert f" · {origin} · " in card(source=source).text


def test_a_local_build_without_a_name_has_no_digest_and_is_called_untagged() -> None:
    page = card(reference="", digest=None, source="build")
    assert page.text == "untagged imagea1b2c3d4a1b2 · 184 MB · built locally"
    assert titles(page) == [f"image id: {ID}"]


def test_what_is_not_known_is_left_out() -> None:
    assert card(id="", digest="", source="").text == "owner/env:1184 MB"


@pytest.mark.parametrize(
    ("digest", "shown"),
    [
        ("sha512:" + "0123456789ab" * 10, "sha512:0123456789ab…"),
        ("sha256:short", "sha256:short"),
        ("bare", "bare"),
    ],
)
def test_only_a_long_digest_is_shortened(digest: str, shown: str) -> None:
    page = card(digest=digest)
    assert page.text.endswith(f" · {shown}")
    assert titles(page)[1] == f"digest: {digest}"


@pytest.mark.parametrize("bad", [*HOSTILE, EVERYTHING])
def test_hostile_text_stays_text(bad: str) -> None:
    page = card(id=bad, reference=bad, digest=bad, source=bad)
    plain = card()
    assert set(page.tags) == set(plain.tags) == {"div", "b", "small", "code"}
    assert {name for name, _ in page.attributes} == {"style", "title"}
    shown = page.text + "".join(titles(page))
    assert all(character.isprintable() for character in shown)


@pytest.mark.no_cover
def test_a_card_stays_small_whatever_it_is_made_of() -> None:
    endless = "\u202e&<long>" * 100_000
    html = replace(IMAGE, id=endless, reference=endless, digest=endless, source=endless)
    assert len(html._repr_html_()) < 8_000
    assert len(Page(html._repr_html_()).text) < 400


def test_a_terminal_shows_an_image_as_an_expression() -> None:
    fields = f"id='{ID}', reference='owner/env:1', digest='{DIGEST}', size=184000000"
    assert repr(IMAGE) == str(IMAGE) == f"Image({fields}, source='ghcr.io', download_size=None)"
    assert repr(replace(IMAGE, reference=EVERYTHING)).isprintable()
