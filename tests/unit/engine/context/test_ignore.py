"""What a `.dockerignore` leaves out, by the documented rules and by those of moby's code."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imagewidget.engine.context.ignore import TOP, IgnoreRules, PathPatterns, read_patterns
from imagewidget.engine.failure.errors import InvalidContext
from tests.unit.effort import bounded

# One pattern, a path, and whether moby leaves it out (the path or a directory above it).
ONE_PATTERN = [
    ("file", "file", True),
    ("file", "dir/file", False),
    ("dir", "dir/sub/file", True),
    ("dir/", "dir/file", True),
    ("/dir", "dir/file", True),
    ("./dir", "dir/file", True),
    ("dir/../other", "other/file", True),
    ("dir//sub", "dir/sub/file", True),
    ("  spaced  ", "spaced", True),
    ("temp?", "tempa", True),
    ("temp?", "temp", False),
    ("*/temp*", "somedir/temporary.txt", True),
    ("*/temp*", "temporary.txt", False),
    ("*/*/temp*", "somedir/subdir/temporary.txt", True),
    ("*.go", "main.go", True),
    ("*.go", "cmd/main.go", False),
    ("**/*.go", "main.go", True),
    ("**/*.go", "cmd/deep/main.go", True),
    ("**", "any/thing", True),
    ("**/", "any/thing", True),
    ("**/**", "any/thing", True),
    ("dir/**", "dir", False),
    ("dir/**", "dir/deep/file", True),
    ("**/dir", "dir/file", True),
    ("**/dir", "a/b/dir/file", True),
    ("**/dir", "a/mydir", False),
    ("**file", "dir/myfile", True),
    ("**/.env", "a/.env", True),
    ("**/.env", "a/b.env", False),
    ("**/dir2/*", "dir/dir2/file", True),
    ("**/dir2/**", "dir/dir2/dir3/file", True),
    ("a**/*.txt", "a/b/c/file.txt", True),
    ("a/*.txt", "a/b/file.txt", False),
    ("a/*.txt**", "a/file.txt", True),
    ("a/**/z", "a/z", True),
    ("a/**/z", "a/b/c/z", True),
    ("a/**/z", "a/b/cz", False),
    ("a[b-d]e", "ace", True),
    ("a[b-d]e", "aae", False),
    ("a[^b-d]e", "aze", True),
    ("[a-ö]x", "éx", True),
    ("a?b", "a☺b", True),
    ("[\\]a]", "]", True),
    ("[x\\-]", "-", True),
    (r"a\*b", "a*b", True),
    (r"a\*b", "axb", False),
    (r"a\\", "a\\", True),
    (r"\!important", "!important", True),
    (r"\#notes", "#notes", True),
    (".*", ".git", True),
    (".*", "git", False),
    ("abc.def", "abcXdef", False),
    ("a(b)c|{1}+$", "a(b)c|{1}+$", True),
    ("wheel-1.0+g08a-py3.whl", "wheel-1.0+g08a-py3.whl", True),
    ("..", "file", False),
    (".", "file", False),
    ("/", "file", False),
    # What moby does not escape has the meaning that it has for Go's regexp.
    ("^a*", "ab", True),
    ("^a*", "^ab", False),
    ("*^a", "a", True),
    ("a^*", "a^b", False),
    ("a^b", "a^b", True),
    (r"\^a*", "^ab", True),
    ("[[:alpha:]]x*", "qxy", True),
    ("[[:alpha:]]x*", "1xy", False),
    ("[[:^alpha:]]x*", "1xy", True),
    ("[^[:alpha:]]x*", "qxy", False),
    ("[[:x]]", "x]", True),
    (r"\d*", "7x", True),
    (r"\d*", "dx", False),
    (r"[\d]", "7", True),
    (r"[^\D]", "7", True),
    (r"[\W]x", "qx", False),
    (r"\x41", "A", True),
    (r"\x{41}\101\t", "AA\t", True),
    (r"\0", "\0", True),
    (r"src\bin", "srcbin", False),
    (r"\Aa\z", "a", True),
    (r"a\z\A", "a", False),
    ("a*|b", "ax/y", True),
    ("a*|b", "x/ab", True),
    ("a*|b", "x/a", False),
    ("a|b", "a|b", True),
    (r"a*\|b", "ax|b", True),
    ("*.{js,ts}", "x.{js,ts}", True),
    ("*.{js,ts}", "x.js", False),
    ("[*]x", "[^]x", True),
    ("[*]x", "*x", False),
    ("a[^x]b", "a/b", True),
    ("!**/", "x", False),
    ("a/**/b*", "a/x\ny/b", False),
    ("a/**", "a/x\ny", True),
    ("**/b", "x\ny/b", True),
    ("x*", "x\ny", True),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), ONE_PATTERN)
def test_one_pattern(pattern: str, path: str, expected: bool) -> None:
    assert IgnoreRules.parse(pattern).excludes(path) is expected


# The last line that matches decides; a directory's verdict is passed on to its contents.
SEVERAL_LINES = [
    ("*.md\n!README.md", "README.md", False),
    ("*.md\n!README.md", "CHANGES.md", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
    ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", False),
    ("!README.md\n*.md", "README.md", True),
    ("docs\n!docs/README.md", "docs/README.md", False),
    ("docs\n!docs/README.md", "docs/other", True),
    ("docs/\n!docs/README.md", "docs/README.md", False),
    ("docs/*\n!docs/README.md", "docs/README.md", False),
    ("*\n!src", "src/deep/file", False),
    ("*\n!src", "other", True),
    ("*\n!src\nsrc/secret", "src/secret/file", True),
    ("**\n!util/docker/web", "util/docker/web/foo", False),
    ("**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", True),
    ("*\n!**/*.py", "a/b/c.py", False),
    ("*\n!**/*.py", "a/b/c.txt", True),
    # moby skips an exception as long as nothing is excluded, here for everything below `docs`.
    ("docs/*.md\n!docs", "docs/a.md", True),
    ("# comment\n\n  \nfile", "file", True),
    (
        " # not a comment, because of the leading space",
        "# not a comment, because of the leading space",
        True,
    ),
    ("\ufefffile", "file", True),
    ("file\r\nother\r\n", "file", True),
    ("! /kept\n*", "kept", True),
    ("*\n! /kept", "kept", False),
]


@pytest.mark.parametrize(("text", "path", "expected"), SEVERAL_LINES)
def test_several_lines(text: str, path: str, expected: bool) -> None:
    assert IgnoreRules.parse(text).excludes(path) is expected


def test_patterns_are_read_as_moby_reads_them() -> None:
    text = "test1\n/test2\n/a/file/here\n\nlast\n# comment\n! /inverted/abs/path\n!a/./b/\n/"
    expected = ["test1", "test2", "a/file/here", "last", "!inverted/abs/path", "!a/b", "/"]
    assert read_patterns(text) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "[",
            "[^",
            "[^bc",
            "a[",
            "[]a]",
            "[-]",
            "[x-]",
            "[-x]",
            "[a-b-c]",
            "a\\",
            "!",
            "! ",
            "[z-a]",
        ),
        *(r"src\generated", r"[\q]", r"\8", r"\x4", r"\x{110000}", r"\pL", r"\Qa", "\\é", r"a\b?"),
        *("[[:nope:]]", "[[:d:]]", "*{2}", "[a]{2,}", r"\d{1,2}"),
    ],
)
def test_a_malformed_pattern_is_named_in_the_error(pattern: str) -> None:
    with pytest.raises(InvalidContext) as caught:
        IgnoreRules.parse(f"fine\n{pattern}\n", name="Dockerfile.dockerignore")
    assert "Dockerfile.dockerignore" in caught.value.message
    assert pattern.strip() in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "directory", "expected"),
    [
        ("node_modules", "node_modules", False),
        ("node_modules", "src", True),
        ("*\n!a/b/keep", "a", True),
        ("*\n!a/b/keep", "a/b", True),
        ("*\n!a/b/keep", "a/c", False),
        ("*\n!a/b/keep", "a/b/keep", True),
        ("*\n!a/*/keep", "a/any", True),
        ("*\n!a/*/keep", "a/any/deeper", False),
        ("*\n!a/[bc]/keep", "a/d", False),
        ("*\n!**/keep", "any/where", True),
        ("*\n!src/**", "src/deep", True),
        ("*\n!src/**", "other", False),
        ("*\n!a\\/b", "a", True),
        ("*\n!*.md", "docs", False),
    ],
)
def test_a_walk_enters_only_directories_that_may_contain_an_exception(
    text: str, directory: str, expected: bool
) -> None:
    assert is_entered(IgnoreRules.parse(text), directory) is expected


def is_entered(rules: IgnoreRules, directory: str) -> bool:
    """Whether the walk would enter a directory."""
    return not rules.excludes(directory) or rules.may_match_below(directory, exceptions=True)


def test_the_builders_own_files_are_kept() -> None:
    rules = IgnoreRules.parse("*\n").keeping("Dockerfile", ".dockerignore", "a/[x] Dockerfile")
    assert not rules.excludes("Dockerfile")
    assert not rules.excludes("a/[x] Dockerfile")
    assert rules.excludes("a/x Dockerfile")
    assert is_entered(rules, "a")


def test_patterns_can_select_what_to_include() -> None:
    wanted = PathPatterns(["src/*.py", "docs"])
    assert wanted.matches("src/a.py")
    assert wanted.matches("docs/deep/file")
    assert not wanted.matches("src")
    assert wanted.may_match_below("src")
    assert not wanted.may_match_below("tests")


def test_passing_verdicts_on_gives_the_same_result_as_matching_the_whole_path() -> None:
    rules = PathPatterns(["a", "!a/b", "a/b/c", "**/x*", "!**/xy"])
    for path in ("a/b/c/d", "a/b/d", "a/xy", "q/xz/r", "q/xy"):
        verdicts, matched = TOP, False
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            matched, verdicts = rules.test("/".join(parts[:end]), verdicts)
        assert matched is rules.matches(path)


@given(st.text("a.+(){}|$^-~ é*?[]\\", min_size=1))
def test_escaped_characters_match_literally(name: str) -> None:
    pattern = re.sub(r"([*?\[\]\\^|{}])", r"\\\1", name)
    assume(pattern.strip() == pattern)
    assume(pattern not in {".", ".."})
    assert PathPatterns([pattern]).matches(name)
    assert not PathPatterns([pattern]).matches(f"x{name}")


@pytest.mark.no_cover
def test_matching_time_does_not_explode() -> None:
    with bounded(150):
        IgnoreRules.parse(f"[{'[:' * 10_000}x]\n{'a|' * 10_000}*\n{'^' * 20_000}*")
        rules = IgnoreRules.parse("**/" * 12 + "a*b*c*d*e*f*\n" + "*" * 40 + "x")
        assert not rules.excludes("abcde" * 30)
        assert not rules.excludes("/".join(["ab"] * 60))
