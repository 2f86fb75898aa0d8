"""What a name means, and which registries are tried for it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewidget.engine.failure.errors import InvalidReference
from imagewidget.engine.image.local_name import is_id_of, local_name
from imagewidget.engine.image.reference import candidates, parse, registry_host

SHA = "a" * 64


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.13-slim", "docker.io/library/python:3.13-slim", "python:3.13-slim"),
        ("library/python", "docker.io/library/python:latest", "python:latest"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/library/python:3", "docker.io/library/python:3", "python:3"),
        ("owner/env:1", "docker.io/owner/env:1", "owner/env:1"),
        ("docker.io/owner/env:1", "docker.io/owner/env:1", "owner/env:1"),
        ("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
        ("ghcr.io/owner/env:1", "ghcr.io/owner/env:1", "ghcr.io/owner/env:1"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"),
        ("localhost:5000/x:2", "localhost:5000/x:2", "localhost:5000/x:2"),
        ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),
        ("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"),
        ("Registry.Example/x", "Registry.Example/x:latest", "Registry.Example/x:latest"),
        (f"x@sha256:{SHA}", f"docker.io/library/x@sha256:{SHA}", f"x@sha256:{SHA}"),
        (f"x:1@sha256:{SHA}", f"docker.io/library/x:1@sha256:{SHA}", f"x:1@sha256:{SHA}"),
        ("a__b/c--d.e_f", "docker.io/a__b/c--d.e_f:latest", "a__b/c--d.e_f:latest"),
        ("x:_", "docker.io/library/x:_", "x:_"),
        ("x:UPPER.Tag-1", "docker.io/library/x:UPPER.Tag-1", "x:UPPER.Tag-1"),
        ("cafe", "docker.io/library/cafe:latest", "cafe:latest"),
    ],
)
def test_a_name_is_completed_as_docker_would(text: str, canonical: str, familiar: str) -> None:
    reference = parse(text)

    assert reference.canonical == canonical
    assert reference.familiar == familiar
    assert str(reference) == familiar


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x ",
        "x:",
        "x:-1",
        "x:" + "t" * 129,
        ":1",
        "/x",
        "x/",
        "a//b",
        "-x",
        "x-",
        "a___b",
        "a..b",
        "x@",
        "x@sha256:abc",
        f"x@md5:{SHA}",
        f"x@sha256:{SHA.upper()}",
        "x:1:2",
        "x y",
        "x\n",
        "ä/b",
        "x:ä",
        "a" * 256,
        "a" * 5000,
        "ghcr.io/",
        "host_name.x:5000/y",
        "host:port/y",
        SHA,
        f"sha256:{SHA}",
        "https://ghcr.io/owner/env",
    ],
)
def test_an_invalid_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse(text)

    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Python", "python"),
        ("Python:3.13-Slim", "python:3.13-Slim"),
        ("Owner/Env:1", "owner/env:1"),
        ("Owner/env:1", "owner/env:1"),
        ("ghcr.io/Owner/Env:1", "ghcr.io/owner/env:1"),
        ("localhost:5000/Env:A", "localhost:5000/env:A"),
    ],
)
def test_upper_case_is_refused_and_lower_case_suggested(text: str, suggestion: str) -> None:
    with pytest.raises(InvalidReference, match="lower case") as caught:
        parse(text)

    assert f"`{suggestion}`" in caught.value.hint
    parse(suggestion)


@pytest.mark.parametrize("text", ["https://ghcr.io/owner/env:1", "https://ghcr.io/Owner/env"])
def test_a_url_is_refused_and_the_hint_says_what_to_leave_out(text: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse(text)

    assert caught.value.hint == "Leave out `https://`."


@pytest.mark.parametrize(
    ("text", "name"), [("owner/env:1 ", "owner/env:1"), (" Owner/env", "owner/env")]
)
def test_whitespace_around_a_name_is_reported(text: str, name: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse(text)

    assert caught.value.hint == f"Leave out the whitespace around it. Did you mean `{name}`?"


@pytest.mark.parametrize("text", ["My Image", "Env:", "Env:1:2", "A" * 300, " A b"])
def test_no_invalid_name_is_suggested(text: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse(text)

    assert "Did you mean" not in caught.value.hint
    assert caught.value.hint


def test_the_version_is_the_digest_if_there_is_one() -> None:
    assert parse("x").version == "latest"
    assert parse("x:1").version == "1"
    assert parse(f"x:1@sha256:{SHA}").version == f"sha256:{SHA}"
    assert not parse(f"x:1@sha256:{SHA}").can_be_tagged


def hosts(text: str, registries: tuple[str, ...] | None) -> list[str]:
    return [each.canonical for each in candidates(parse(text), registries)]


def test_docker_hub_is_tried_by_default() -> None:
    assert hosts("owner/env:1", None) == ["docker.io/owner/env:1"]
    assert hosts("python", None) == ["docker.io/library/python:latest"]


def test_registries_are_tried_in_order() -> None:
    assert hosts("owner/env:1", ("ghcr.io", "docker.io")) == [
        "ghcr.io/owner/env:1",
        "docker.io/owner/env:1",
    ]


def test_a_reference_with_a_host_is_tried_at_that_host_only() -> None:
    for registries in (None, (), ("ghcr.io", "docker.io")):
        assert hosts("quay.io/owner/env:1", registries) == ["quay.io/owner/env:1"]
        assert hosts("docker.io/owner/env:1", registries) == ["docker.io/owner/env:1"]


def test_an_empty_list_of_registries_means_none() -> None:
    assert hosts("owner/env:1", ()) == []


def test_the_library_namespace_is_added_for_docker_hub_only() -> None:
    assert hosts("python:3", ("ghcr.io", "docker.io")) == [
        "ghcr.io/python:3",
        "docker.io/library/python:3",
    ]
    assert hosts("library/python:3", ("ghcr.io",)) == ["ghcr.io/library/python:3"]


def test_one_registry_under_two_names_is_tried_once() -> None:
    assert hosts("x", ("docker.io", "index.docker.io", "docker.io")) == [
        "docker.io/library/x:latest",
    ]


def test_a_single_host_may_be_a_str() -> None:
    assert [each.host for each in candidates(parse("x"), "ghcr.io")] == ["ghcr.io"]


@pytest.mark.parametrize("host", ["", "ghcr", "https://ghcr.io", "ghcr.io/owner", "a b.c", ".io"])
def test_an_invalid_registry_is_refused(host: str) -> None:
    with pytest.raises(InvalidReference):
        registry_host(host)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("python", "python:latest"),
        ("docker.io/library/python", "docker.io/library/python:latest"),
        ("deadbeef", "deadbeef"),
        ("deadbeefcafe", "deadbeefcafe"),
        (SHA, SHA),
        (f"sha256:{SHA}", f"sha256:{SHA}"),
        ("sha256:deadbeef", "deadbeef"),
        (f"x:1@sha256:{SHA}", f"x@sha256:{SHA}"),
    ],
)
def test_the_local_cache_is_searched_by_name_or_id(text: str, name: str) -> None:
    assert local_name(text) == name


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        (SHA, True),
        (f"sha256:{SHA}", True),
        ("a" * 12, True),
        ("a" * 7, True),
        ("a" * 6, False),
        ("a", False),
        ("b" * 12, False),
        ("sha256:" + "a" * 12, True),
        ("python", False),
    ],
)
def test_an_id_needs_at_least_seven_digits(text: str, *, matches: bool) -> None:
    assert is_id_of(text, f"sha256:{SHA}") is matches


part = st.from_regex(r"[a-z0-9]+(?:(?:[._]|__|-{1,3})[a-z0-9]+){0,2}", fullmatch=True)
a_host = st.one_of(
    st.none(),
    st.from_regex(r"[a-z0-9]+(?:-[a-z0-9]+)?\.[a-z]{2,6}(?::[0-9]{1,5})?", fullmatch=True),
    st.sampled_from(["localhost", "localhost:5000", "[::1]:5000", "127.0.0.1"]),
)
a_tag = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True))
a_digest = st.one_of(st.none(), st.just(f"sha256:{SHA}"))


@given(a_host, st.lists(part, min_size=1, max_size=4), a_tag, a_digest)
def test_every_valid_name_survives_a_round_trip(
    host: str | None,
    parts: list[str],
    tag: str | None,
    digest: str | None,
) -> None:
    if host is None and (len(parts) > 1 and ("." in parts[0] or parts[0] == "localhost")):
        return  # the first part would be read as a host
    text = "/".join([*([host] if host else []), *parts])
    text += (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    if re.fullmatch("[a-f0-9]{64}", text):
        return

    reference = parse(text)

    assert parse(reference.canonical) == reference
    assert parse(reference.familiar) == reference
    assert reference.names_host is (host is not None)
    assert reference.digest == digest
    assert reference.tag == (tag or (None if digest else "latest"))


@given(st.text(max_size=80))
def test_any_text_is_either_a_valid_name_or_refused(text: str) -> None:
    try:
        reference = parse(text)
    except InvalidReference:
        return

    assert parse(reference.canonical) == reference
    assert not set(reference.canonical) & set(" \n\t\"'\\?#&%")


@given(
    st.lists(part, min_size=1, max_size=3),
    st.lists(st.sampled_from(["ghcr.io", "docker.io", "quay.io", "localhost:5000"]), max_size=5),
)
def test_only_registries_that_the_caller_named_are_tried(
    parts: list[str],
    registries: list[str],
) -> None:
    try:
        reference = parse("/".join(parts))
    except InvalidReference:
        return
    if reference.names_host:
        return

    asked = [each.host for each in candidates(reference, registries)]

    assert asked == list(dict.fromkeys(registries))
