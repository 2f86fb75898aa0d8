"""The other package managers: apt, apk, dnf, conda, npm, R."""

from imagewidget.engine.failure.diagnosis.rule import NAME, Rule

_UPDATE = (
    "Write `apt-get update && apt-get install -y …` in one `RUN`, so that the list is always "
    "fresh; build once with `no_cache=True` if an old one is cached."
)
_ROOT = "Write `USER root` before this step, and the other user again after it."

RULES = (
    Rule(
        "apt-stale",
        r"E: Failed to fetch \S{1,200}\.deb +404",
        "apt's list of packages is out of date: it names a file that the mirror no longer has",
        _UPDATE,
        beside=r"E: (Failed to fetch|Unable to fetch)",
    ),
    Rule(
        "apt-no-package",
        rf"E: Unable to locate package (?P<package>{NAME})",
        "apt knows no package `{package}`",
        "Check its name for this release of the distribution. " + _UPDATE,
    ),
    Rule(
        "apt-no-candidate",
        rf"E: Package '(?P<package>{NAME})' has no installation candidate",
        "`{package}` is not in this release of the distribution",
        "Find its name in this release (`apt-cache search`), or add the repository that has it.",
    ),
    Rule(
        "apt-no-version",
        rf"E: Version '(?P<version>[^']{{1,60}})' for '(?P<package>{NAME})' was not found",
        "the mirror has no version {version} of `{package}` any more",
        "Leave the version out, or take the one that `apt-cache policy {package}` shows; mirrors "
        "keep only the newest.",
    ),
    Rule(
        "apt-not-signed",
        r"(NO_PUBKEY (?P<key>[0-9A-F]{8,40})|E: The repository '[^']{1,200}' is not signed)",
        "apt does not trust the repository: its key is missing or has expired",
        "Install the repository's key in an earlier step, or use a newer base image.",
    ),
    Rule(
        "apt-no-release",
        r"E: The repository '(?P<url>[^']{1,200})' (does not have|no longer has) a Release file"
        r"|E: Failed to fetch \S{1,200}/dists/\S{1,200} +404",
        "the repository has nothing for this release of the distribution",
        "Check its address. The release may be out of support: use a newer base image.",
    ),
    Rule(
        "apt-not-root",
        r"E: (Could not open lock file|Unable to lock|List directory).{0,120}Permission denied"
        r"|E: Unable to acquire the dpkg frontend lock .{0,80}are you root|E: Could not open lock "
        r"file",
        "apt needs root, and the step runs as another user",
        _ROOT,
    ),
    Rule(
        "apt-asks",
        r"Do you want to continue\? \[Y/n\] Abort|^Abort\.$",
        "apt asked a question, and nobody could answer",
        "Write `apt-get install -y`.",
    ),
    Rule(
        "apt-conflict",
        r"E: Unable to correct problems, you have held broken packages|E: Unmet dependencies",
        "apt cannot install these packages together",
        "Leave out versions that are pinned; the lines above name what is missing.",
    ),
    Rule(
        "apt-not-fetched",
        r"E: Unable to fetch some archives|E: Failed to fetch (?P<url>\S{1,200})",
        "apt could not download a package",
        "Try again; if it happens each time, check the mirror's address and the proxy.",
    ),
    Rule(
        "apk-no-package",
        rf"^\s*(?P<package>{NAME}) \(no such package\)",
        "apk knows no package `{package}`",
        "Check its name for this release of Alpine, and write `apk add --no-cache`.",
    ),
    Rule(
        "dnf-no-package",
        rf"No match for argument: (?P<package>{NAME})|Unable to find a match: (?P<other>{NAME})"
        rf"|No package (?P<third>{NAME}) available",
        "the repositories have no package `{package}`",
        "Check its name, and add the repository that has it (such as EPEL).",
    ),
    Rule(
        "conda-no-package",
        r"PackagesNotFoundError|ResolvePackageNotFound|nothing provides requested "
        rf"(?P<package>{NAME})|(?P<other>{NAME})( [^ ]{{1,40}})? does not exist \(perhaps a typo",
        "conda finds a package in none of its channels",
        "Check the name; add the channel that has it (`-c conda-forge`), or install it with pip.",
    ),
    Rule(
        "conda-conflict",
        r"LibMambaUnsatisfiableError|UnsatisfiableError|Could not solve for environment specs"
        r"|critical libmamba Could not solve",
        "conda cannot install these packages together",
        "Loosen or remove pins, or let conda choose the version of Python; the log explains which "
        "packages disagree.",
    ),
    Rule(
        "conda-terms",
        r"CondaToSNonInteractiveError|Terms of Service have not been accepted",
        "conda's default channels require that their terms are accepted",
        "Use `-c conda-forge --override-channels`, or a base image of Miniforge; or accept them "
        "with `conda tos accept` in an earlier step.",
    ),
    Rule(
        "conda-not-reached",
        r"CondaHTTPError|CONNECTION FAILED for url|Multi-download failed",
        "conda cannot reach its channels",
        "Try again; behind a proxy, pass it as `HTTPS_PROXY` in `build_args=`.",
    ),
    Rule(
        "conda-shell",
        r"CondaError: Run 'conda init' before 'conda activate'|Your shell has not been properly "
        r"configured to use 'conda activate'",
        "`conda activate` does not work in a `RUN`",
        "Write `conda run -n NAME …`, or put the environment's `bin` first in `PATH` with `ENV`.",
    ),
    Rule(
        "npm-no-package",
        r"npm (ERR!|error) 404 +(The requested resource )?'(?P<package>@?[^'@]{1,100})@",
        "npm's registry has no package `{package}`, or it is private",
        "Check its name; for a private one, pass the token of the registry as a secret.",
    ),
    Rule(
        "npm-conflict",
        r"npm (ERR!|error) (code )?ERESOLVE",
        "npm cannot install these packages together",
        "Change the versions that the log names; `--legacy-peer-deps` ignores such conflicts.",
    ),
    Rule(
        "npm-lock",
        r"`npm ci` can only install (packages when|with an existing)|The `npm ci` command can only "
        r"install with an existing",
        "`package-lock.json` is missing, or does not fit `package.json`",
        "Copy both files, and run `npm install` where the project is to write the lock file again.",
    ),
    Rule(
        "npm-no-script",
        r"npm (ERR!|error) Missing script: \"(?P<script>[^\"]{1,80})\"",
        "`package.json` has no script `{script}`",
        "Check the script's name, and that the right `package.json` was copied.",
    ),
    Rule(
        "npm-no-project",
        r"npm (ERR!|error) enoent Could not read package\.json"
        r"|npm (ERR!|error) path \S{0,200}package\.json",
        "there is no `package.json` in that directory of the image",
        "Copy the project before this step, and check `WORKDIR` and the ignore file.",
        beside=r"ENOENT",
    ),
    Rule(
        "npm-engine",
        r"EBADENGINE|npm (ERR!|error) notsup Unsupported engine|The engine \"node\" is "
        r"incompatible",
        "a package requires another version of Node.js",
        "Use a base image with the version that the log names.",
        beside=r"npm (ERR!|error)|error ",
    ),
    Rule(
        "r-no-package",
        r"package [\u2018'\"](?P<package>[\w.]{1,80})[\u2019'\"] is not available",
        "R's repository has no package `{package}` for this version of R",
        "Check its name; it may be on Bioconductor or GitHub, or require a newer R.",
    ),
    Rule(
        "r-configuration",
        r"Configuration failed because (?P<library>[\w.+ -]{1,80}?) was not found",
        "an R package is compiled here, which needs `{library}`",
        "Install the library that the log names for `deb:` in an earlier step.",
    ),
    Rule(
        "r-dependency",
        r"ERROR: dependenc(y|ies) [\u2018'](?P<package>[\w.]{1,80})[\u2019']"
        r".{0,200} (is|are) not available",
        "the R package `{package}`, which another one needs, was not installed",
        "Look further up in the log for the reason; often a library of the system is missing.",
    ),
    Rule(
        "r-no-library",
        r"there is no package called [\u2018'](?P<package>[\w.]{1,80})[\u2019']",
        "R finds no package `{package}`",
        "Install it in an earlier step. `install.packages` does not fail if a package cannot be "
        "installed: look at its log.",
    ),
)
