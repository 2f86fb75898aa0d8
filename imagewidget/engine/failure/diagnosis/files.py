"""Files, permissions, commands and downloads."""

from imagewidget.engine.failure.diagnosis.rule import NAME, Rule

_PATH = r"[^\s'\":]{1,200}"

RULES = (
    Rule(
        "windows-line-ends",
        r"(env: .{0,40}\\r|/bin/\w{1,20}\^M: bad interpreter|\$'\\r': command not found"
        r"|\\r: not found|syntax error near unexpected token `\$'.{0,20}\\r'')",
        "a script has Windows line ends",
        "Save it with Unix line ends (`git config core.autocrlf input`, or `dos2unix`), and build "
        "again.",
    ),
    Rule(
        "private-repository",
        r"could not read Username for '(?P<url>[^']{1,100})'|Permission denied \(publickey"
        r"|Repository not found\.|Authentication failed for '(?P<other>[^']{1,100})",
        "the Git repository is private, or does not exist",
        "Pass a token or a key that may read it: `secrets=` with `RUN --mount=type=secret,…`, or "
        "`ssh='default'` with `RUN --mount=type=ssh`.",
    ),
    Rule(
        "no-git",
        r"Cannot find command 'git'|git: (command )?not found|No such file or directory: 'git'"
        r"|Git executable not found",
        "a package comes from a Git repository, and the image has no `git`",
        "Install `git` in an earlier step.",
    ),
    Rule(
        "download-missing",
        r"curl: \(22\) The requested URL returned error: (?P<status>4\d\d)|ERROR (?P<other>4\d\d): "
        r"|HTTP Error (?P<third>4\d\d): ",
        "a server answered {status} to a download",
        "Check the address in the step; 404 means that there is nothing, 401 and 403 that a login "
        "is needed.",
    ),
    Rule(
        "not-an-archive",
        r"(gzip: stdin|tar): (not in gzip format|This does not look like a tar archive)"
        r"|cannot find zipfile directory|File is not a zip file|End-of-central-directory signature"
        r" not found",
        "what was downloaded is not an archive, but often a web page with an error",
        "Check the address; add `-fL` to `curl`, so that it fails on errors and follows redirects.",
    ),
    Rule(
        "no-script",
        rf"can't open file '(?P<file>{_PATH})': \[Errno 2\]|(?:^|: )(?P<other>{_PATH}): No such "
        rf"file or directory$|No such file or directory: '(?P<third>{_PATH})'"
        rf"|can't (cd to|open) (?P<fourth>{_PATH})(: No such file|$)",
        "`{file}` is not in the image",
        "Copy it in an earlier step, and check `WORKDIR` and that no ignore rule leaves it out.",
    ),
    Rule(
        "not-executable",
        rf"(?:^|: )(?P<file>{_PATH}): Permission denied$",
        "the step may not use `{file}`",
        "Check its owner and mode: `COPY --chmod=755` makes a script executable; `USER root` "
        "before the step, or `--chown`, lets it write.",
    ),
    Rule(
        "no-permission",
        rf"(?i)\bPermission denied: '(?P<file>{_PATH})'|cannot create (directory )?"
        rf"[\u2018'](?P<other>{_PATH})[\u2019']: Permission denied|"
        rf"EACCES: permission denied, \w{{1,10}} '(?P<third>{_PATH})'",
        "the step's user may not write `{file}`",
        "Write `USER root` before this step and the other user again after it, or give the "
        "directory to the user (`chown`).",
    ),
    Rule(
        "no-command",
        rf"(?:^|: )(?P<command>{NAME}): (command )?not found$|exec: \"(?P<other>{NAME})\": "
        r"executable file not found",
        "the image has no command `{command}`",
        "Check its spelling, or install it in an earlier step.",
    ),
)
