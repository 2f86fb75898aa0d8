"""Hostile text: markup, escape sequences and control characters that must not take effect."""

from html.parser import HTMLParser

SCRIPT = "<script>window.hacked = true</script>"
HOSTILE = (
    SCRIPT,
    "<img src=x onerror='window.hacked = true'>",
    "</style></pre></details><h1>out</h1>",
    "\"><b onmouseover='window.hacked = true'>",
    "\x1b]0;title\x07\x1b[2J\x1b[1;1Hmoved",
    "\x1b[31mred\x1b[0m",
    "\x1b[8mconcealed\x1b[0m",
    "gpj.\u202egnp.exe",
    "nul\x00bell\x07back\x08",
    "&lt;b&gt; & co",
)
EVERYTHING = " ".join(HOSTILE)


class Page(HTMLParser):
    """The elements and the text of a piece of HTML, as a browser would parse it."""

    _VOID = frozenset({"br", "hr", "img", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._parts: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"unclosed elements: {self._open}"

    @property
    def text(self) -> str:
        """All the text, in document order."""
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self._VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
