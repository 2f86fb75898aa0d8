"""Compilers, libraries, and CUDA."""

from imagewidget.engine.failure.diagnosis.rule import NAME, PINNED, Rule

RULES = (
    Rule(
        "no-nvcc",
        r"CUDA_HOME environment variable is not set|nvcc: (command )?not found|nvcc was not found"
        r"|Failed to find CUDA|No CUDA toolset found|CUDA_HOME does not exist"
        r"|Could not find nvcc|No such file or directory: '[^']{0,100}/bin/nvcc'",
        "CUDA's compiler is not in the image",
        "Use a base image with the whole toolkit, such as `nvidia/cuda:…-devel-…`, and set "
        "`ENV CUDA_HOME=/usr/local/cuda`.",
    ),
    Rule(
        "cuda-mismatch",
        r"detected CUDA version \((?P<image>[\d.]{1,10})\) mismatches the version that was used to "
        r"compile\s*PyTorch \((?P<torch>[\d.]{1,10})\)",
        "PyTorch is made for CUDA {torch}, and the image has {image}",
        "Use a base image with CUDA {torch}, or the PyTorch for CUDA {image}.",
        is_flowed=True,
    ),
    Rule(
        "no-header",
        r"fatal error: (?P<header>[\w./+-]{1,120}\.h(pp|xx)?): No such file",
        "a compiler does not find `{header}`",
        "Install the development package that has this header in an earlier step (`lib…-dev`; "
        "`apt-file search {header}` finds it).",
    ),
    Rule(
        "no-library",
        r"(cannot find|library not found for) -l(?P<library>[\w.+-]{1,60})",
        "a linker does not find the library `{library}`",
        "Install its development package in an earlier step (such as `lib{library}-dev`).",
    ),
    Rule(
        "no-cmake",
        r"CMake must be installed to build|cmake: (command )?not found|No such file or directory: "
        r"'cmake'|Could not find CMake|Problem with the CMake installation",
        "something is compiled here, which needs CMake",
        "Install `cmake` and `build-essential` in an earlier step.",
    ),
    Rule(
        "cmake-no-package",
        rf"Could NOT find (?P<package>{NAME})|Could not find a package configuration file provided "
        rf"by \"(?P<other>{NAME})\"",
        "CMake does not find `{package}`",
        "Install its development package in an earlier step, or name its directory with "
        "`-D{package}_DIR=…`.",
        beside=r"CMake Error|Configuring incomplete",
    ),
    Rule(
        "no-pkg-config",
        rf"No package '(?P<package>{NAME})' found|Package (?P<other>{NAME}) was not found in the "
        rf"pkg-config search path|Dependency \"(?P<third>{NAME})\" not found, tried pkgconfig",
        "something is compiled here, which needs the library `{package}`",
        "Install its development package (`lib…-dev`) and `pkg-config` in an earlier step.",
    ),
    Rule(
        "no-pkg-config-itself",
        r"pkg-config: (command )?not found|pkg-config (is not installed|could not be found)",
        "something is compiled here, which looks for its libraries with pkg-config",
        "Install `pkg-config` in an earlier step, with the libraries' development packages.",
    ),
    Rule(
        "shared-library",
        r"(?<!\S)(?P<library>[\w.+-]{1,80}\.so[\w.]{0,20}): cannot open shared object file",
        "the library `{library}` is not in the image",
        "Install `{library}` in an earlier step; the program needs this library.",
    ),
    Rule(
        "glibc",
        r"version `(?P<version>(GLIBC|GLIBCXX|CXXABI)_[\d.]{1,12})' not found",
        "the program was made for a newer system: it needs {version}",
        "Use a newer base image, or a build of the program for this one.",
    ),
    Rule(
        "wheel-failed",
        rf"Failed building wheel for (?P<package>{NAME})|Failed to build `(?P<other>{PINNED})`",
        "`{package}` has no wheel for this Python and could not be compiled",
        "Use a version of the package that has one, or another Python; the cause is further up in "
        "the log.",
    ),
)
