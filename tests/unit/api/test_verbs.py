"""The public functions have complete signatures, and help with wrong names."""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import imagewidget as iw
from imagewidget.api import verbs
from imagewidget.engine.request.options import described
from imagewidget.engine.request.request import BuildRequest

VERBS = [iw.pull, iw.build, iw.provision, iw.image_exists, iw.replay, iw.connect]
OPTIONS = set(described())


@pytest.mark.parametrize("verb", [iw.build, iw.provision])
def test_the_options_of_a_build_are_in_signature_and_documentation(verb: Any) -> None:
    signature = inspect.signature(verb)
    assert set(signature.parameters) >= OPTIONS
    assert list(signature.parameters)[-2:] == ["client", "display"]
    assert all(each.kind is not each.VAR_KEYWORD for each in signature.parameters.values())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_every_parameter_is_documented_in_order(verb: Any) -> None:
    text = inspect.getdoc(verb) or ""
    entries = [line.strip().partition(":")[0] for line in text.splitlines() if line[:8].strip()]
    documented = [entry for entry in entries if entry in inspect.signature(verb).parameters]
    assert documented == list(inspect.signature(verb).parameters)
    assert "**options" not in text


def test_the_default_of_an_option_is_that_of_leaving_it_out() -> None:
    given = {name: option.default for name, (_, option) in described().items()}
    left_out, passed = BuildRequest.of(environ={}), BuildRequest.of(environ={}, **given)  # type: ignore[typeddict-item]
    assert passed == replace(left_out, sources=passed.sources)
    assert passed.sources.dockerfile == left_out.sources.dockerfile


def test_the_tab_key_offers_the_options_of_a_build() -> None:
    shell = InteractiveShell.instance()
    try:
        shell.user_ns["iw"] = iw
        with provisionalcompleter():
            found = {each.text for each in shell.Completer.completions("iw.build(no_c", 13)}
    finally:
        InteractiveShell.clear_instance()
    assert "no_cache=" in found


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        (iw.connect, "base_url", "connect() has no option `base_url`. Did you mean `target`?"),
        (iw.build, "path", "build() has no option `path`. Did you mean `context`?"),
        (iw.build, "buildargs", "build() has no option `buildargs`. Did you mean `build_args`?"),
        (iw.build, "nocache", "build() has no option `nocache`. Did you mean `no_cache`?"),
        (iw.build, "tags", "build() has no option `tags`. Did you mean `tag`?"),
        (iw.build, "fileobj", "build() has no option `fileobj`. Did you mean `dockerfile`?"),
        (iw.build, "quiet", "build() has no option `quiet`. Did you mean `display`?"),
        (iw.pull, "registry", "pull() has no option `registry`. Did you mean `registries`?"),
        (iw.pull, "repository", "pull() has no option `repository`. Did you mean `reference`?"),
        (iw.provision, "retries", "provision() has no option `retries`. Did you mean `retry`?"),
        (
            iw.provision,
            "buildargs",
            "provision() has no option `buildargs`. Did you mean `build_args`?",
        ),
        (
            iw.provision,
            "tag",
            "provision() has no option `tag`: the image gets the reference as its tag.",
        ),
        (iw.pull, "image", "pull() has no option `image`. Did you mean `reference`?"),
        (iw.pull, "name", "pull() has no option `name`. Did you mean `reference`?"),
        (iw.replay, "path", "replay() has no option `path`. Did you mean `recording`?"),
        (
            iw.pull,
            "tag",
            "pull() has no option `tag`: write the tag in the reference, as in `python:3.13-slim`.",
        ),
        (
            iw.image_exists,
            "squash",
            (
                "image_exists() has no option `squash`. "
                "Its options are `reference`, `platform`, `client`."
            ),
        ),
    ],
)
def test_an_unknown_option_is_refused_with_a_suggestion(
    verb: Callable[..., object], given: str, words: str
) -> None:
    with pytest.raises(TypeError) as caught:
        verb("a/b:1", **{given: 1})
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (iw.pull, "path"),  # would be taken for `auth`
        (iw.build, "no_cache_filter"),  # for `no_cache`
        (iw.build, "retries"),
        (iw.build, "rm"),
        (iw.provision, "squash"),
        (iw.replay, "timeout"),
    ],
)
def test_there_is_no_guess_for_a_word_whose_meaning_is_missing(
    verb: Callable[..., object], given: str
) -> None:
    with pytest.raises(TypeError) as caught:
        verb("a/b:1", **{given: 1})
    name = verb.__name__
    assert str(caught.value).startswith(f"{name}() has no option `{given}`. Its options are `")


def test_each_word_of_other_tools_stands_for_options_or_for_nothing() -> None:
    known = {name for verb in VERBS for name in inspect.signature(verb).parameters}
    assert {name for meant in verbs._ELSEWHERE.values() for name in meant} <= known
    assert not set(verbs._ELSEWHERE) & known


def test_the_list_of_options_has_only_those_that_exist() -> None:
    with pytest.raises(TypeError) as caught:
        iw.provision("a/b:1", refresh=True)  # type: ignore[call-arg]
    listed = re.findall(r"`(\w+)`", str(caught.value))[1:]
    assert listed == list(inspect.signature(iw.provision).parameters)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: iw.pull("python", "3.13"), "pull() takes only `reference` without a name"),
        (lambda: iw.build(".", "env:1"), "build() takes only `context` without a name"),
        (lambda: iw.replay("demo/done", 2), "replay() takes only `recording` without a name"),
    ],
)
def test_a_second_argument_needs_its_name(call: Callable[[], object], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value).startswith(words)
