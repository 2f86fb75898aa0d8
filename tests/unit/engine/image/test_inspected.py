"""What an engine reports of an image, for one platform or several."""

from typing import Any

import pytest

from imagewidget.engine.failure.errors import ImageNotFound
from imagewidget.engine.image.inspected import local_image
from imagewidget.engine.image.platform import Platform

ID = "sha256:" + "0a" * 32
OWN = Platform("linux", "amd64")


def manifest(architecture: str, content: int, total: int, **more: Any) -> dict[str, Any]:
    """One entry of `Manifests`, as Docker 28.5 reports it."""
    return {
        "ID": "sha256:" + "1b" * 32,
        "Available": total > 0,
        "Size": {"Content": content, "Total": total},
        "Kind": "image",
        "ImageData": {"Platform": {"architecture": architecture, "os": "linux"}},
        **more,
    }


ATTESTATION = {
    "ID": "sha256:" + "2c" * 32,
    "Available": True,
    "Size": {"Content": 9, "Total": 9},
    "Kind": "attestation",
    "AttestationData": {"For": "sha256:" + "1b" * 32},
}


def test_every_platform_that_is_there_can_be_asked_for() -> None:
    image = local_image(
        {
            "Id": ID,
            "Size": 7,
            "Os": "linux",
            "Architecture": "amd64",
            "Manifests": [
                manifest("amd64", 100, 300),
                manifest("s390x", 200, 500),
                manifest("arm64", 0, 0),
                ATTESTATION,
            ],
        },
        "a/b:1",
        OWN,
    )

    assert (image.id, image.size) == (ID, 809)
    assert image.for_platform(None, OWN).download_size == 100
    assert image.for_platform("linux/s390x", OWN).download_size == 200
    assert image.for_platform("linux/s390x", OWN).size == 809
    with pytest.raises(ImageNotFound, match="not for linux/arm64, but for linux/amd64, linux/s39"):
        image.for_platform("linux/arm64", OWN)


@pytest.mark.parametrize(
    "described",
    [
        {"Os": "linux", "Architecture": "s390x"},
        {"Os": "", "Architecture": ""},  # as engine 29.7 describes one that it cannot run
        {"Os": None},
        {},
        {"Os": "", "Architecture": "", "Manifests": [manifest("s390x", 200, 500)]},
        {"Os": "linux", "Architecture": "amd64", "Manifests": [manifest("s390x", 200, 500)]},
        {"Manifests": [{"Kind": "image", "Available": True}]},
    ],
)
def test_an_image_for_another_platform_is_not_there(described: dict[str, Any]) -> None:
    image = local_image({"Id": ID, "Size": 7, **described}, "a/b:1", OWN)

    with pytest.raises(ImageNotFound, match="not for the engine's own platform, linux/amd64"):
        image.for_platform(None, OWN)


@pytest.mark.parametrize("reference", [ID, ID.removeprefix("sha256:"), "0a0a0a0a"])
def test_an_id_means_one_image_whatever_its_platform(reference: str) -> None:
    image = local_image({"Id": ID, "Os": "linux", "Architecture": "s390x"}, reference, OWN)

    assert image.for_platform(None, OWN).id == ID
    with pytest.raises(ImageNotFound):
        image.for_platform("linux/amd64", OWN)


def test_an_engine_that_does_not_report_its_platform_has_every_image() -> None:
    image = local_image({"Id": ID}, "a/b:1", Platform(""))

    assert image.for_platform(None, Platform("")).id == ID


def test_the_size_of_the_older_containerd_store_is_the_listed_one() -> None:
    found = {
        "Id": ID,
        "Size": 241,
        "Os": "linux",
        "Architecture": "amd64",
        "GraphDriver": {"Name": "overlayfs", "Data": None},
    }

    image = local_image(found, "a/b:1", OWN, {"Size": 483})

    assert (image.size, image.described(None, OWN).download_size) == (483, 241)
    foreign = local_image({**found, "Architecture": "s390x", "Size": 2}, "a/b:1", OWN, {"Size": 5})
    assert (foreign.size, foreign.described(None, OWN).download_size) == (5, None)


@pytest.mark.parametrize("odd", [None, 7, "x", [7, None, "x"], [{}], [{"Kind": "image"}], {"a": 1}])
def test_an_odd_list_of_platforms_is_ignored(odd: object) -> None:
    found = {"Id": ID, "Size": 7, "Os": "linux", "Architecture": "amd64", "Manifests": odd}

    assert local_image(found, "a/b:1", OWN).for_platform(None, OWN).size == 7
