"""Steps that really fail: the error names the cause, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from imagewidget import environment
from tests.engine.building import failed, must_build, try_build, unused_number
from tests.engine.failing_servers import index
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

_PIP = "pip install --no-cache-dir --retries 1"
_ROOT = "USER root\nRUN apt-get update\nRUN "

# The rule, the last lines of a Dockerfile that begins with the embedded environment.
STEPS = [
    ("pip-no-package", f"RUN {_PIP} --index-url INDEX/simple nosuch-package"),
    ("pip-no-version", f"RUN {_PIP} --index-url INDEX/simple 'mini==99'"),
    ("pip-versions-for-other-pythons", f"RUN {_PIP} --index-url INDEX/simple 'later==2.0'"),
    ("pip-other-python", f"RUN {_PIP} INDEX/files/later-2.0-py3-none-any.whl"),
    ("pip-conflict", f"RUN {_PIP} --index-url INDEX/simple left right"),
    (
        "pip-hash",
        (
            f"RUN echo 'mini==1.0 --hash=sha256:{'0' * 64}' > /tmp/r.txt "
            f"&& {_PIP} --index-url INDEX/simple -r /tmp/r.txt"
        ),
    ),
    (
        "pip-hash-missing",
        (
            f"RUN printf 'mini==1.0\\nleft==1.0 --hash=sha256:{'0' * 64}\\n' > /tmp/r.txt "
            f"&& {_PIP} --index-url INDEX/simple -r /tmp/r.txt"
        ),
    ),
    ("pip-no-requirements-file", f"RUN {_PIP} -r requirements.txt"),
    ("pip-invalid-requirement", f"RUN {_PIP} 'mini=1'"),
    ("pip-externally-managed", "RUN pip --python /usr/bin/python3 install mini"),
    ("pip-other-platform", f"RUN {_PIP} INDEX/files/mini-3.0-cp27-cp27m-win32.whl"),
    ("index-login", f"RUN {_PIP} --index-url INDEX/private/simple mini"),
    ("not-a-project", f"RUN {_PIP} ."),
    ("no-git", f"RUN {_PIP} git+https://127.0.0.1:9/x.git"),
    ("refused", f"RUN {_PIP} --index-url http://127.0.0.1:9/simple mini"),
    ("index-not-trusted", f"RUN {_PIP} --index-url http://nosuch.invalid/simple mini"),
    ("no-such-server", f"RUN {_PIP} --index-url https://nosuch.invalid/simple mini"),
    ("timed-out", f"RUN {_PIP} --timeout 1 --index-url INDEX/slow/simple mini"),
    (
        "proxy-down",
        f"RUN HTTPS_PROXY=http://127.0.0.1:9 {_PIP} --index-url https://pypi.invalid/simple mini",
    ),
    (
        "proxy-login",
        f"RUN HTTPS_PROXY=INDEX {_PIP} --index-url https://pypi.invalid/simple mini",
    ),
    (
        "proxy-refuses",
        f"RUN HTTPS_PROXY=INDEX {_PIP} --index-url https://forbidden.invalid/simple mini",
    ),
    (
        "download-missing",
        "RUN python -c \"from urllib.request import *; urlopen('INDEX/nothing')\"",
    ),
    ("no-module", "RUN python -c 'import nosuch'"),
    ("no-module", "RUN /usr/bin/python3 -m pip install mini"),
    ("no-command", "RUN condaa install mini"),
    ("no-script", "RUN python train.py"),
    ("no-script", "RUN cat data.csv"),
    ("not-executable", "RUN echo true > /tmp/install.sh; /tmp/install.sh"),
    ("no-permission", "RUN mkdir /data"),
    ("no-permission", "RUN python -c \"open('/etc/x', 'w')\""),
    (
        "windows-line-ends",
        (
            "RUN printf '#!/usr/bin/env bash\\r\\ntrue\\r\\n' > /tmp/run.sh; chmod +x /tmp/run.sh; "
            "/tmp/run.sh"
        ),
    ),
    ("disk-full", "RUN dd if=/dev/zero of=/dev/shm/x bs=1M"),
    ("no-memory", "RUN python -c 'bytearray(1 << 62)'"),
    (
        "too-many-files",
        "RUN ulimit -n 20; python -c '[open(\"/dev/null\") for _ in range(99)]; 1/0'",
    ),
    (
        "other-architecture",
        (
            "RUN printf '\\177ELF\\2\\1\\1' > /tmp/x; chmod +x /tmp/x; "
            "python -c \"__import__('subprocess').run(['/tmp/x'])\""
        ),
    ),
    ("shared-library", "RUN python -c \"__import__('ctypes').CDLL('libGL.so.1')\""),
    ("not-an-archive", "RUN echo '<html>' > /tmp/x.tar.gz; tar xzf /tmp/x.tar.gz"),
    ("apt-no-package", f"{_ROOT}apt-get install -y nosuch-package"),
    ("apt-no-version", f"{_ROOT}apt-get install -y python3=0.1"),
    ("apt-asks", f"{_ROOT}apt-get install sl < /dev/null"),
    ("apt-not-root", "RUN apt-get update"),
    (
        "apt-no-release",
        (
            f"{_ROOT}echo 'deb [trusted=yes] INDEX/debian nosuch main' "
            "> /etc/apt/sources.list.d/x.list; apt-get update"
        ),
    ),
]


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with index() as address:
        yield address


@pytest.fixture
def embedded(engine_containerd: Engine, dockerhub: StandIn) -> str:
    """The name of an image of the embedded environment."""
    assert dockerhub
    name = environment.default_tag()
    must_build(engine_containerd, None, tag=name, network="host")
    return name


@pytest.mark.matrix  # each row is a build on the embedded environment
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("rule", "lines"), STEPS, ids=[rule for rule, _ in STEPS])
def test_a_step_that_fails_says_why(
    rule: str, lines: str, *, engine_containerd: Engine, embedded: str, served: str
) -> None:
    text = f"FROM {embedded}\nENV UNIQUE={unused_number()}\n{lines.replace('INDEX', served)}"
    error = failed(try_build(engine_containerd, None, dockerfile=text, network="host"))
    assert error.diagnosis is not None, error.log_tail
    assert error.diagnosis.name == rule, (error.diagnosis, error.log_tail)
    assert error.message.endswith(f": {error.diagnosis.summary}.")
    assert error.hint == error.diagnosis.advice
    assert error.diagnosis.because
