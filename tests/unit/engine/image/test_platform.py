"""Platforms as users write them, and as images and engines have them."""

import pytest

from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.image.platform import Platform, check_platform, wanted_platform


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/i386", "linux/386"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v9.2", "linux/arm64/v9.2"),
        ("linux/arm", "linux/arm"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("macos/arm64", "darwin/arm64"),
        ("linux", "linux"),
        ("arm64", "linux/arm64"),
        ("X86-64", "linux/amd64"),
        ("linux/of-the-future", "linux/of-the-future"),
    ],
)
def test_a_platform_is_spelled_as_containerd_spells_it(written: str, meant: str) -> None:
    assert check_platform(written) == meant
    assert check_platform(meant) == meant


@pytest.mark.parametrize(
    "written",
    [
        *(
            "linux/",
            "/amd64",
            "linux//v7",
            "linux/arm/v7/x",
            "linux amd64",
            "linux/amd64,linux/arm64",
        ),
        *(
            "*",
            "linux/*",
            "of-the-future",
            "linux/amd64\n",
            " linux",
            "linux/" + "a" * 200,
            "\u017f/\u017f",
        ),
    ],
)
def test_what_is_not_a_platform_is_refused(written: str) -> None:
    with pytest.raises(InvalidContext, match="is not a valid platform") as caught:
        check_platform(written)
    assert len(str(caught.value)) < 300


def test_the_default_platform_of_docker_holds_unless_another_is_named() -> None:
    environ = {"DOCKER_DEFAULT_PLATFORM": "linux/AARCH64"}

    assert wanted_platform(None, environ) == "linux/arm64"
    assert wanted_platform("linux/amd64", environ) == "linux/amd64"
    assert wanted_platform(None, {"DOCKER_DEFAULT_PLATFORM": ""}) is None
    assert wanted_platform(None, {}) is None
    with pytest.raises(InvalidContext, match="`DOCKER_DEFAULT_PLATFORM`"):
        wanted_platform(None, {"DOCKER_DEFAULT_PLATFORM": "linux/*"})


@pytest.mark.parametrize(
    ("named", "has", "is_meant"),
    [
        ("linux/amd64", ("linux", "amd64", ""), True),
        ("linux/amd64", ("Linux", "x86_64", "v1"), True),
        ("linux/arm64", ("linux", "arm64", "v8"), True),
        ("linux/arm", ("linux", "arm", "v7"), True),
        ("linux/arm/v6", ("linux", "arm", "v7"), False),
        ("linux/arm/v6", ("linux", "arm", ""), True),
        ("linux/amd64/v3", ("linux", "amd64", ""), False),
        ("linux/amd64/v3", ("linux", "amd64", "v3"), True),
        ("linux/amd64", ("linux", "amd64", "v3"), False),
        ("linux/arm64/v9", ("linux", "arm64", ""), False),
        ("linux/amd64", ("linux", "386", ""), False),
        ("linux", ("linux", "s390x", ""), True),
        ("linux/amd64", ("windows", "amd64", ""), False),
        ("linux/amd64", ("", "", ""), False),
        ("linux/amd64", ("linux", "", ""), False),
        ("linux/amd64", (None, None, None), False),
        ("linux", ("linux", "", ""), False),
        ("linux/amd64", ("unknown", "unknown", ""), False),
    ],
)
def test_a_named_platform_is_matched_exactly(
    named: str, has: tuple[object, object, object], *, is_meant: bool
) -> None:
    assert Platform.of(named).names(Platform.of_parts(*has)) is is_meant


@pytest.mark.parametrize(
    ("machine", "image", "runs"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/386", True),
        ("linux/386", "linux/amd64", False),
        ("linux/amd64", "linux/amd64/v3", False),
        ("linux/amd64/v3", "linux/amd64/v2", True),
        ("linux/arm64", "linux/arm/v7", True),
        ("linux/arm64", "linux/arm", True),
        ("linux/arm", "linux/arm/v6", True),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/arm", "linux/arm64", False),
        ("linux/arm64", "linux/amd64", False),
        ("linux/amd64", "windows/amd64", False),
        ("linux/amd64", "linux", False),
    ],
)
def test_a_machine_also_runs_older_and_smaller_platforms(
    machine: str, image: str, *, runs: bool
) -> None:
    assert Platform.of(machine).runs(Platform.of(image)) is runs
