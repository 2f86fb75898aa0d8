"""Known secrets are masked in all text, also when a stream splits them in two."""

import base64
import json
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.masking import MASK, Masker
from tests.unit.effort import bounded

VALUE = "hunter2/s3cr?t+pass"
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7\n"


def test_a_value_is_masked_wherever_it_occurs() -> None:
    assert Masker([VALUE]).mask(f"a {VALUE} b{VALUE}") == f"a {MASK} b{MASK}"
    assert Masker([VALUE.encode()]).mask(f"--password={VALUE}\n") == f"--password={MASK}\n"


@pytest.mark.parametrize(
    "shown",
    [
        quote(VALUE),
        quote(VALUE, safe=""),
        json.dumps(f'say "{VALUE}"'),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(f"user:{VALUE}".encode()).decode(),
        base64.b64encode(f"me:{VALUE}:x".encode()).decode(),
        base64.b64encode(f"u:{VALUE}".encode()).decode(),
    ],
)
def test_a_value_is_masked_as_tools_encode_it(shown: str) -> None:
    masked = Masker([VALUE]).mask(f"see {shown} here")
    assert MASK in masked
    # The characters of a base64 that depend on neighbouring bytes remain.
    assert len(masked) < len("see  here") + len(MASK) + 14


def test_each_line_of_a_value_is_masked() -> None:
    masked = Masker([PEM]).mask(f"> {PEM.replace(chr(10), chr(10) + '> ')}")
    assert "MII" not in masked
    assert "AASC" not in masked


def test_the_wrapped_base64_of_a_long_value_is_masked() -> None:
    wrapped = base64.encodebytes(PEM.encode()).decode()
    assert not any(line[:-4] in Masker([PEM]).mask(wrapped) for line in wrapped.splitlines()[:-1])


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("TOKEN=abcd1234efgh", "the token is abcd1234efgh"),
        ('export KEY="abcd1234efgh"', "abcd1234efgh"),
        ("index-url = https://me:p4ssw0rd@example.com/simple", "Authorization: p4ssw0rd"),
        ("https://me:p%40ss@example.com", "p@ss"),
        ('{"token": "abcd1234efgh"}', "Bearer abcd1234efgh"),
        ('{\n  "keys": ["abcd1234efgh"],\n  "n": 1\n}', "abcd1234efgh"),
        ('{"key": "-----BEGIN KEY-----\\nMIIEvQIBADANBg\\n"}', "> MIIEvQIBADANBg"),
        ('{"auths": {"ghcr.io": {"auth": "bWU6cGFzczEyMzQ="}}}', "Basic bWU6cGFzczEyMzQ="),
        ("token: abcd1234efgh", "abcd1234efgh"),
        ("  api-key:   'abcd1234efgh'", "abcd1234efgh"),
        ("machine example.com login me password abcd12", "abcd12"),
        ("machine example.com\n  login me\n  password abcd12\n", "abcd12"),
        ("ab&cd<1234>ef", '{"x":"ab\\u0026cd\\u003c1234\\u003eef"}'),
        ("it's-1234", "+ login 'it'\\''s-1234'"),
        ("it's-1234", "login 'it'\"'\"'s-1234'"),
    ],
)
def test_the_secret_part_of_a_line_is_masked_on_its_own(secret: str, shown: str) -> None:
    assert MASK in Masker([secret]).mask(shown)


def test_very_short_values_are_left_alone() -> None:
    masker = Masker(["abc", b"", "  \n x \n"])
    assert not masker
    assert masker.mask("abcabc x") == "abcabc x"
    assert masker.feed("abc") == "abc"


def test_a_value_split_between_two_pieces_is_masked() -> None:
    masker = Masker([VALUE])
    assert masker.feed("before hunter2/s3", "step") == "before "
    assert masker.feed("cr?t+pass after\n", "step") == f"{MASK} after\n"
    assert masker.flush("step") == ""


def test_overlapping_secrets_share_one_mask() -> None:
    masker = Masker(["abcd1234", "1234wxyz9"])
    assert masker.mask("<abcd1234wxyz9>") == f"<{MASK}>"
    assert masker.feed("<abcd1234") + masker.feed("wxyz9>") == f"<{MASK}>"


def test_text_that_only_begins_like_a_secret_is_returned_later() -> None:
    masker = Masker([VALUE])
    assert masker.feed("see hunter2/") == "see "
    assert masker.feed("no\n") == "hunter2/no\n"
    assert masker.feed("hunt") == ""
    assert masker.flush() == "hunt"
    assert masker.flush() == ""


def test_streams_do_not_mix() -> None:
    masker = Masker([VALUE])
    assert masker.feed("hunter2/", "a") == ""
    assert masker.feed("s3cr?t+pass\n", "b") == "s3cr?t+pass\n"
    assert masker.flush("a") == "hunter2/"


def test_a_complete_secret_is_not_held_back() -> None:
    assert Masker([VALUE]).feed(f"x{VALUE}") == f"x{MASK}"


def test_the_repr_of_a_masker_does_not_show_its_secrets() -> None:
    assert VALUE not in repr(Masker([VALUE]))


ALPHABET = "ab1"
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=400_000))  # noqa: S311


@given(
    st.lists(st.text(ALPHABET, min_size=4, max_size=7), min_size=1, max_size=3),
    st.lists(st.text(ALPHABET + "\n ", max_size=9), max_size=12),
)
def test_a_stream_is_masked_the_same_wherever_it_is_split(
    secrets: list[str], pieces: list[str]
) -> None:
    masker = Masker(secrets)
    streamed = "".join(masker.feed(piece) for piece in pieces) + masker.flush()
    assert streamed == masker.mask("".join(pieces))
    assert not any(secret in streamed for secret in secrets)


@given(
    st.lists(st.text("ab", min_size=4, max_size=9), min_size=1, max_size=8),
    st.text("ab", max_size=30),
)
def test_the_longest_secret_at_each_place_is_masked(secrets: list[str], text: str) -> None:
    expected = ""
    covered = 0
    for position, character in enumerate(text):
        length = max((len(one) for one in secrets if text.startswith(one, position)), default=0)
        if position >= covered:
            expected += MASK if length else character
        covered = max(covered, position + length)
    assert Masker(secrets).mask(text) == expected


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("\n".join(f"user{n:06}:x" for n in range(2_000)), "user" * 5_000),
        ("\n".join((LONG, *(letter * 4 for letter in string.ascii_letters))), LONG[::-1]),
    ],
    ids=range(2),
)
def test_masking_takes_time_in_proportion_to_the_text(secret: str, text: str) -> None:
    masker = Masker([secret])
    with bounded(150):
        masker.feed(text)
        masker.flush()


@pytest.mark.no_cover
def test_a_hundred_thousand_lines_are_masked_quickly() -> None:
    bundle = "\n".join(
        base64.b64encode(bytes([n, m] * 24)).decode() for n in range(60) for m in range(60)
    )
    masker = Masker([VALUE, bundle])
    lines = [
        f"Collecting package-{n}, downloading 1234 kB, installing {n} more\n"
        for n in range(100_000)
    ]
    with bounded(450):
        for line in lines:
            assert masker.feed(line) == line
