"""The hint for a command that failed comes from its exit code and from what it printed."""

import pytest

from imagewidget.engine.failure.errors import DiskFull, default_hint
from imagewidget.engine.failure.exit_codes import explain_exit, explain_reason
from tests.unit.effort import bounded

PRUNE = default_hint(DiskFull)


@pytest.mark.parametrize(
    "line",
    [
        "cp: error writing '/x': No space left on device",
        "OSError: [Errno 28] No space left on device: '/x'",
        "dpkg: error: cannot copy './usr/lib/x': failed to write (No space left on device)",
        "W: Error writing to file - write (28: No space left on device)",
        "error: failed to write `x`: No space left on device (os error 28)",
        "tar: x: Cannot write: Disk quota exceeded",
    ],
)
def test_a_full_disk(line: str) -> None:
    assert explain_exit(1, ["one", line, "two"]).hint == PRUNE


@pytest.mark.parametrize(
    "line",
    [
        "test_disk_full (no space left on device) ok",
        "tests/test_x.py::test_write[no space left on device] PASSED",
        "PASS if there is no space left on device x",
    ],
)
def test_a_test_of_a_full_disk_is_not_a_full_disk(line: str) -> None:
    assert (
        explain_exit(1, [line, "x failed"]).hint == "See the last lines of its log for the cause."
    )


@pytest.mark.parametrize("code", [1, 126, 127])
def test_a_missing_library_is_named(code: int) -> None:
    for line in (
        "python: error while loading shared libraries: libGL.so.1: cannot open shared object file",
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    ):
        assert explain_exit(code, [line]).hint.startswith("Install `libGL.so.1` in an earlier step")


@pytest.mark.parametrize("code", [1, 126, 139, 255])
def test_a_program_for_another_platform_cannot_be_executed(code: int) -> None:
    for line in (
        "exec /bin/sh: exec format error",
        "/bin/sh: 1: /x/tool: Exec format error",
        "OSError: [Errno 8] Exec format error: '/x/tool'",
    ):
        assert "the engine's platform" in explain_exit(code, [line]).hint


def test_a_crash_alone_says_nothing_about_the_platform() -> None:
    assert "platform" not in explain_exit(139, ["Segmentation fault"]).hint
    assert "crashed" in explain_exit(139, ["Segmentation fault"]).hint


def test_the_engines_reason_comes_before_what_the_command_printed() -> None:
    reason = "mkdir /sys/fs/cgroup/docker/buildkit/x: no space left on device"
    assert "limit of its kernel" in explain_reason(reason, ["x: No space left on device"]).hint
    assert explain_reason("mkdir /var/lib/x: no space left on device", []).hint == PRUNE
    assert "memory" in explain_reason("cannot allocate memory", []).hint
    assert "the engine's platform" in explain_reason("exec /bin/sh: exec format error", []).hint
    assert explain_reason("something new", []).hint == ""


def test_a_line_of_any_length_is_read_in_linear_time() -> None:
    for part in ("no space left on device", "a.so.1", "exec format error "):
        with bounded(60):
            explain_exit(1, [part * (16_384 // len(part))])
