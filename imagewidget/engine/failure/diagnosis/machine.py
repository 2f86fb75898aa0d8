"""The machine on which the engine builds: its disk, memory, architecture and clock."""

from imagewidget.engine.failure.diagnosis.rule import Rule
from imagewidget.engine.failure.rules import NO_ROOM

# As a cause: after a colon or the number of the error, or at the end of the line. A test that
# passed may have such a name.
_FILLED = rf"(?i)(: |errno 28\] ?|\b28: )({NO_ROOM})\b|({NO_ROOM})( \(os error 28\))?[\s)\]\"'.]*$"
_MORE_MEMORY = (
    "Give the engine more memory (in Docker Desktop: Settings, Resources), or use less: fewer "
    "parallel jobs, such as `make -j2`, or packages that need not be compiled."
)

RULES = (
    Rule(
        "disk-full",
        _FILLED,
        "the engine's disk is full",
        "Free up space with `docker system prune`, or give Docker a larger disk.",
    ),
    Rule(
        "compiler-killed",
        r"Killed signal terminated program (?P<program>[\w+-]{1,40})"
        r"|(?P<other>[\w+-]{1,40}): .{0,80}\bfailed: Killed\b|signal: 9, SIGKILL",
        "a compiler was killed, because memory ran out",
        _MORE_MEMORY,
    ),
    Rule(
        "no-memory",
        r"(?i)^(\S{0,80}: )?(virtual memory exhausted|MemoryError\b|.{0,80}cannot allocate memory"
        r"|.{0,80}std::bad_alloc|.{0,80}JavaScript heap out of memory"
        r"|Error: cannot allocate (vector|memory))",
        "memory ran out",
        _MORE_MEMORY,
    ),
    Rule(
        "other-architecture",
        r"(?i)exec format error(: '[^']{0,200}')?[\s)\"'.]*$|rosetta error: failed to open elf"
        r"|qemu-\w+(-static)?: Could not open '/lib",
        "the program is built for another kind of processor",
        "Check that the image and the program are built for the engine's platform, or set "
        "`platform=`; this machine cannot execute them.",
    ),
    Rule(
        "clock",
        r"is not valid yet \(invalid for another|certificate is not yet valid",
        "the clock of the engine's machine is wrong",
        "Set the clock of the engine's machine (on Docker Desktop, restart it) and build again.",
    ),
    Rule(
        "too-many-files",
        r"(?i)\btoo many open files\b",
        "too many files were open at once",
        "Raise the limit called `nofile` with `ulimits=`.",
    ),
    Rule(
        "no-gpu",
        r"Found no NVIDIA driver on your system|libcuda\.so\.1: cannot open shared object"
        r"|NVIDIA-SMI has failed|No CUDA GPUs are available|nvidia-smi: (command )?not found",
        "the step uses a GPU, and a build has none",
        "Leave what needs the GPU to the container that runs later; to compile for GPUs, name "
        "them instead, as in `ENV TORCH_CUDA_ARCH_LIST=8.0`.",
    ),
)
