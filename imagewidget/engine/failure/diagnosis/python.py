"""Python's tools: pip, uv, Poetry, and what they run to build a package."""

from imagewidget.engine.failure.diagnosis.rule import NAME, PINNED, Rule

_REQUIREMENT = r"[\w.+\[\], <>=!~*;'\"-]{1,120}?"
_BUILD_ESSENTIAL = (
    "Install a compiler first: `RUN apt-get update && apt-get install -y build-essential` "
    "(conda: `compilers`), or use a version of the package that has a wheel for this Python."
)
_PIN = "Change the requirement to one of them."
_INDEX = (
    "Check its spelling. If it is on an index of your own, name that index in the step; if the "
    "index needs a login, pass it with `secrets=`."
)

RULES = (
    Rule(
        "pip-other-python",
        rf"ERROR: Package '(?P<package>{NAME})' requires a different Python: (?P<python>[\d.]"
        rf"{{1,12}}) not in '(?P<wanted>[^']{{1,40}})'",
        "`{package}` requires Python {wanted}, and the image has {python}",
        "Use a base image with such a Python, or a version of the package for this one.",
    ),
    Rule(
        "pip-versions-for-other-pythons",
        r"ERROR: Ignored the following versions that require a different python version: "
        r"(?P<versions>.{1,120}?Requires-Python [^;\s]{1,40})",
        "the wanted version of a package is for another Python ({versions})",
        "Use a base image with such a Python, or a version of the package for this one.",
        beside=r"No matching distribution found",
    ),
    Rule(
        "pip-no-package",
        rf"Could not find a version that satisfies the requirement (?P<package>{_REQUIREMENT})"
        r" (\(from [^()]{1,120}(\([^()]{1,80}\))?[^()]{0,40}\) )?\(from versions: none\)",
        "pip finds no package `{package}` in its index",
        _INDEX,
    ),
    Rule(
        "pip-no-version",
        rf"Could not find a version that satisfies the requirement (?P<package>{_REQUIREMENT})"
        r" (\(from [^()]{1,120}(\([^()]{1,80}\))?[^()]{0,40}\) )?"
        r"\(from versions: (.{0,4000}, )?(?P<newest>[^,()\s]{1,40})\)",
        "no version in pip's index satisfies `{package}`; the newest is {newest}",
        "Change the requirement; the log lists the versions there are.",
    ),
    Rule(
        "pip-conflict",
        r"ERROR: Cannot install (?P<packages>.{1,200}?) because these package versions have "
        r"conflicting dependencies",
        "the requirements exclude each other: {packages}",
        "Loosen or remove the pins of these packages; the lines above name what each requires.",
    ),
    Rule(
        "pip-conflict-deep",
        r"ResolutionImpossible",
        "the requirements exclude each other",
        "Loosen or remove pins; the lines above name what each package requires.",
    ),
    Rule(
        "pip-hash",
        r"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES|\u00d7 Hash mismatch"
        r"|Hash mismatch for `",
        "a package does not have the hash that the requirements name",
        "Write the requirements again with new hashes, if you trust the file; a mirror or a proxy "
        "may also have changed it.",
    ),
    Rule(
        "pip-hash-missing",
        r"In --require-hashes mode, all requirements must have|Hashes are required in",
        "some requirements have a hash and others have none",
        "Write a hash for each (`uv pip compile --generate-hashes`, `pip-compile "
        "--generate-hashes`), or for none.",
    ),
    Rule(
        "pip-no-requirements-file",
        r"Could not open requirements file: .{0,40}No such file or directory: "
        r"'(?P<file>[^']{1,200})'|^error: File not found: `?(?P<other>[^`\s]{1,200})",
        "`{file}` is not in the image",
        "Copy it in an earlier step, as in `COPY {file} ./`, and check that no ignore rule leaves "
        "it out.",
    ),
    Rule(
        "pip-invalid-requirement",
        r"ERROR: Invalid requirement: '?(?P<requirement>[^'\n]{1,100})",
        "`{requirement}` is not a valid requirement",
        "Correct it, as in `numpy>=2,<3`; in a shell, put it in quotes, because `<` and `>` "
        "redirect.",
    ),
    Rule(
        "pip-externally-managed",
        r"error: externally-managed-environment",
        "this Python belongs to the distribution, and pip may not install into it",
        "Create an environment first (`RUN python3 -m venv /opt/venv` and "
        "`ENV PATH=/opt/venv/bin:$PATH`), or use a base image such as `python:3.13-slim`.",
    ),
    Rule(
        "pip-other-platform",
        rf"ERROR: (?P<wheel>{NAME}\.whl) is not a supported wheel on this platform",
        "`{wheel}` is for another Python, system or processor",
        "Use the wheel for the image's Python and platform, or let pip choose by the package's "
        "name.",
    ),
    Rule(
        "index-login",
        r"(?i)EOFError: EOF when reading a line|ERROR: HTTP error 40[13] while getting|HTTP error "
        r"40[13] Client Error|lack of valid authentication credentials"
        r"|: 40[13] Client Error: (Unauthorized|Forbidden) for url"
        r"|HTTP status client error \(40[13]\b|Unauthorized: .{0,80}credentials",
        "the package index does not accept the login, or needs one",
        "Pass the index with its user and password as a secret, and mount it in the step "
        "(`RUN --mount=type=secret,…`); a build argument would stay in the image's history.",
        beside=r"(?i)\bpip\b|/simple|index|User for |\buv\b|whl|ERROR: ",
    ),
    Rule(
        "not-a-project",
        r"[Nn]either 'setup\.py' nor 'pyproject\.toml' found|No `pyproject\.toml` found in"
        r"|Poetry could not find a pyproject\.toml|does not appear to be a Python project",
        "there is no Python project in that directory of the image",
        "Copy the project before this step (`COPY . .`), and check `WORKDIR` and the ignore file.",
    ),
    Rule(
        "version-from-git",
        r"setuptools[-_]scm was unable to detect version|Unable to determine version .{0,80}git",
        "the project takes its version from Git, and `.git` is not in the image",
        "Set the version in the step, as in `SETUPTOOLS_SCM_PRETEND_VERSION=1.2.3`.",
    ),
    Rule(
        "lock-out-of-date",
        r"The lockfile at `[^`]{1,80}` needs to be updated|pyproject\.toml changed significantly "
        r"since poetry\.lock",
        "the lock file does not fit `pyproject.toml` any more",
        "Write it again where the project is (`uv lock` or `poetry lock`), and build again.",
    ),
    Rule(
        "uv-yanked",
        rf"(?P<package>{PINNED}) was yanked( \(reason: (?P<reason>[^)]{{1,120}})\))?",
        "`{package}` was withdrawn by its authors",
        "Choose another version of the package.",
        beside=r"No solution found",
        is_flowed=True,
    ),
    Rule(
        "uv-other-python",
        r"(?:the requested Python version \([^)]{1,40}\) does not satisfy (?P<wanted>Python[^ ,]{1,"
        r"40})|current Python version \((?P<python>[\d.]{1,12})\) does not satisfy (?P<other>Python"
        r"[^ ,]{1,40})|incompatible with the project's Python requirement: "
        r"`(?P<third>[^`]{1,40})`|No interpreter found for Python)",
        "a package or the project requires another Python than the image has",
        "Use a base image with the Python that the log names, or a version of the package for "
        "this one.",
        is_flowed=True,
    ),
    Rule(
        "uv-no-package",
        rf"Because ((?P<package>{NAME}) was not found in the (package registry|provided package)"
        rf"|there are no versions of (?P<other>{NAME}) and )",
        "uv finds no package `{package}` in its index",
        _INDEX,
        is_flowed=True,
    ),
    Rule(
        "uv-no-version",
        rf"Because only (?P<package>{PINNED})",
        "uv's index has only `{package}`, which does not satisfy the requirements",
        "Change the requirement; the log says which versions there are.",
        beside=r"No solution found",
        is_flowed=True,
    ),
    Rule(
        "uv-conflict",
        r"No solution found when resolving dependencies",
        "the requirements exclude each other",
        "Loosen or remove pins; the log explains which packages disagree.",
    ),
    Rule(
        "uv-no-environment",
        r"error: No virtual environment found",
        "uv has no environment to install into",
        "Add `--system` to `uv pip install`, or create one with `uv venv` in an earlier step.",
    ),
    Rule(
        "no-pg-config",
        r"pg_config executable not found",
        "psycopg2 is compiled here, which needs PostgreSQL's headers",
        "Require `psycopg2-binary` (or `psycopg[binary]`), or install `libpq-dev` and "
        "`build-essential` in an earlier step.",
    ),
    Rule(
        "no-mysql-config",
        r"mysql_config(: | )not found|Can not find valid pkg-config name"
        r"|Specify MYSQLCLIENT_CFLAGS",
        "mysqlclient is compiled here, which needs MySQL's headers",
        "Install `default-libmysqlclient-dev`, `pkg-config` and `build-essential` in an earlier "
        "step.",
    ),
    Rule(
        "no-python-headers",
        r"fatal error: Python\.h: No such file",
        "a package is compiled here, which needs Python's headers",
        "Install `python3-dev` in an earlier step (Debian and Ubuntu), or use a base image such as "
        "`python:3.13`.",
    ),
    Rule(
        "no-rust",
        r"can't find Rust compiler|Cargo, the Rust package manager, is not installed"
        r"|cargo: not found|rustc: not found",
        "a package is compiled here, which needs Rust",
        "Use a version of the package that has a wheel for this Python, or install `cargo` and "
        "`rustc` in an earlier step.",
    ),
    Rule(
        "no-compiler",
        r"(error: command '\S{0,40}(gcc|cc|g\+\+|clang)' failed: No such file"
        r"|unable to execute '\S{0,40}(gcc|cc|g\+\+|clang)'"
        r"|Unknown compiler\(s\): |No CMAKE_C(XX)?_COMPILER could be found"
        r"|(^|[\s/])(gcc|cc|g\+\+|make): (command )?not found|error: linker `cc` not found"
        r"|configure: error: no acceptable C compiler|command 'x86_64-linux-gnu-g\+\+' failed: No)",
        "something is compiled here, and the image has no compiler",
        _BUILD_ESSENTIAL,
    ),
)

# After those of compilers, which a build may try for a missing module.
MODULES = (
    Rule(
        "no-setuptools",
        r"ModuleNotFoundError: No module named '(?P<module>setuptools|pkg_resources|distutils"
        r"|imp|Cython|numpy)'",
        "a package is built with `{module}`, which this Python does not have",
        "Use a newer version of the package, or install `setuptools<81` first and add "
        "`--no-build-isolation`.",
        beside=r"Getting requirements to build wheel|Preparing metadata|metadata-generation-failed"
        r"|subprocess-exited-with-error|Failed to build|failed to build",
    ),
    Rule(
        "no-module",
        rf"(ModuleNotFoundError|ImportError): No module named '?(?P<module>{NAME})|: No module "
        rf"named (?P<other>{NAME})$",
        "Python finds no module `{module}`",
        "Install its package in an earlier step, with the same Python.",
    ),
)
