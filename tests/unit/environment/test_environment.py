"""The embedded environment, and the settings that this machine passes on to its build."""

import re
import ssl
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

from imagewidget import environment
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.environment.certificates import extra_certificates
from imagewidget.environment.host import LARGEST_CERTIFICATES, host_settings

PACKAGES = ("ipykernel", "matplotlib", "numpy", "pandas", "scikit-learn")


certificate = ssl.DER_cert_to_PEM_cert
COMPANY = certificate(b"a company's certificate" * 20)


def settings(environ: dict[str, str], *files: Path) -> environment.HostSettings:
    # Any bundle keeps the machine's own certificates out of the test.
    return host_settings({"SSL_CERT_FILE": certifi.where(), **environ}, config_files=files)


def test_its_files_are_a_complete_context() -> None:
    files = environment.files()
    assert set(files) == {"Dockerfile", "requirements.txt"}
    assert environment.dockerfile().encode() == files["Dockerfile"]


def test_it_can_be_read_from_an_installed_package() -> None:
    code = "import imagewidget.environment as e; print(e.dockerfile()[:1], e.default_tag())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["#", environment.default_tag()]


def test_the_default_tag_is_a_hash_of_the_content() -> None:
    assert re.fullmatch(r"imagewidget-environment:[0-9a-f]{12}", environment.default_tag())


def test_it_has_the_five_packages_in_compatible_ranges() -> None:
    lines = environment.files()["requirements.txt"].decode().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [re.split(r"[<>=]", pin)[0] for pin in pins] == list(PACKAGES)
    assert all(re.search(r">=[\d.]+,<\d+$", pin) for pin in pins)


def test_it_uses_only_syntax_that_every_builder_supports() -> None:
    dockerfile = read_dockerfile(environment.dockerfile())
    assert dockerfile.syntax is None
    assert not any("--mount" in one.text or "<<" in one.text for one in dockerfile.instructions)
    first = dockerfile.instructions[0]
    assert first.text == "ARG BASE_IMAGE=debian:trixie-slim"


def test_it_runs_as_a_user_and_has_no_entrypoint() -> None:
    keywords = {
        one.keyword: one.text for one in read_dockerfile(environment.dockerfile()).instructions
    }
    assert keywords["USER"] == "USER ${USER_ID}"
    assert "ENTRYPOINT" not in keywords
    assert "org.opencontainers.image.title" in keywords["LABEL"]


def test_its_build_arguments_are_documented_at_the_top() -> None:
    dockerfile = read_dockerfile(environment.dockerfile())
    top = environment.dockerfile().partition("\nARG")[0]
    for one in dockerfile.instructions:
        if one.keyword == "ARG":
            assert re.split(r"[ =]", one.text)[1] in top


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_is_passed_on_in_upper_and_lower_case(name: str) -> None:
    found = settings({name: "http://proxy.example:3128", "NO_PROXY": "intern.example"})
    assert found.build_args == {
        "https_proxy": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "no_proxy": "intern.example",
        "NO_PROXY": "intern.example",
    }
    assert found.notes == ()


@pytest.mark.parametrize("proxy", ["http://localhost:3128", "127.0.0.1:3128", "http://[::1]:1"])
def test_a_proxy_that_only_this_machine_can_reach_is_not_passed_on(proxy: str) -> None:
    found = settings({"HTTP_PROXY": proxy, "NO_PROXY": "x"})
    assert found.build_args == {}
    assert "HTTP_PROXY" in found.notes[0]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"])
def test_an_invalid_address_is_not_passed_on(name: str) -> None:
    found = settings({name: "http://[bad/simple"})
    assert found.build_args == {}
    assert found.notes == (f"{name} is not passed on: it is not a valid address.",)


def test_pips_indexes_are_passed_on(tmp_path: Path) -> None:
    low, high = tmp_path / "low", tmp_path / "high"
    low.write_text("[global]\nindex-url = https://low.example/simple\ntrusted-host = low.example\n")
    high.write_text("[install]\nindex-url = https://high.example/simple\n")
    extra = "https://one.example/simple file:///srv/simple https://two.example/simple"
    found = settings({"PIP_EXTRA_INDEX_URL": extra}, low, high).build_args
    assert found == {
        "PIP_INDEX_URL": "https://high.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://one.example/simple https://two.example/simple",
        "PIP_TRUSTED_HOST": "low.example",
    }


def test_an_index_with_a_password_is_not_passed_on_and_not_shown() -> None:
    found = settings({"PIP_INDEX_URL": "https://me:hunter22@pypi.example/simple"})
    assert found.build_args == {}
    assert "pypi.example" in found.notes[0]
    assert "hunter22" not in str(found)


@pytest.mark.parametrize("url", ["http://localhost:3141/team/pypi", "http://127.0.0.1:8081/simple"])
def test_an_index_on_this_machine_is_not_passed_on(url: str) -> None:
    assert settings({"PIP_INDEX_URL": url}).build_args == {}


def test_a_broken_pip_configuration_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("index-url without a section")
    assert settings({}, tmp_path / "pip.conf", tmp_path / "missing").build_args == {}


@pytest.mark.parametrize("name", ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_only_the_certificates_that_somebody_added_are_passed_on(name: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# public ones\n{Path(certifi.where()).read_text()}\n# ours\n{COMPANY * 2}")
    found = host_settings({name: str(bundle)}, config_files=()).build_args
    assert found == {"CA_CERTIFICATES": COMPANY}


def test_pips_own_bundle_counts(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text(COMPANY)
    (tmp_path / "pip.conf").write_text(f"[global]\ncert = {tmp_path / 'bundle.pem'}\n")
    found = host_settings({}, config_files=(tmp_path / "pip.conf",)).build_args
    assert found["CA_CERTIFICATES"].count("BEGIN CERTIFICATE") == 1


def test_public_certificates_of_the_distribution_are_not_passed_on(tmp_path: Path) -> None:
    old = certificate(b"an old public certificate" * 20)
    public, anchors = tmp_path / "public", tmp_path / "anchors"
    for directory, text in ((public, old), (anchors, COMPANY)):
        directory.mkdir()
        (directory / "one.crt").write_text(text)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(old + COMPANY)
    environ = {"SSL_CERT_FILE": str(bundle)}
    found = extra_certificates(environ, public=(public,), anchors=(anchors,))
    assert found.count("BEGIN CERTIFICATE") == 1
    assert extra_certificates({}, public=(public,), anchors=(anchors,)) == found
    assert extra_certificates({}, public=(public,), anchors=()) == ""


def test_too_many_certificates_are_left_out_with_a_note(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("".join(certificate(f"{n}".encode() * 900) for n in range(60)))
    found = host_settings({"SSL_CERT_FILE": str(bundle)}, config_files=())
    assert "CA_CERTIFICATES" not in found.build_args
    assert f"{LARGEST_CERTIFICATES:,}" in found.notes[0]


def test_damaged_certificates_are_skipped(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n" + COMPANY)
    found = extra_certificates({"SSL_CERT_FILE": str(bundle)}, public=(), anchors=())
    assert found.count("BEGIN") == 1
