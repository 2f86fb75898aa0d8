"""`%load_ext imagewidget`: `%pull`, `%%build` and `%provision`.

Each returns the job, so that `job = %pull python:3.13-slim` works as it reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from imagewidget import api
from imagewidget.job import Job


@magics_class
class ImageMagics(Magics):
    """The verbs as magics. Values in `{braces}` come from the notebook."""

    @magic_arguments()
    @argument("reference", help="the image, such as python:3.13-slim")
    @argument("--registry", action="append", help="ask this registry; may come several times")
    @argument("--platform", help="such as linux/arm64")
    @line_magic
    def pull(self, line: str) -> Job:
        """Pull an image and show it."""
        given = parse_argstring(self.pull, line)
        return api.pull(given.reference, registries=given.registry, platform=given.platform)

    @magic_arguments()
    @argument("context", nargs="?", help="the folder to build from; none for %%%%build")
    @argument("-t", "--tag", help="the name of the image")
    @argument("-f", "--file", help="the Dockerfile")
    @argument("--target", help="the stage to build")
    @argument("--build-arg", action="append", default=[], help="NAME=VALUE, or NAME")
    @argument("--secret", action="append", default=[], help="ID=PATH")
    @argument("--no-cache", action="store_true", help="run every step")
    @argument("--pull", action="store_true", help="look for newer base images")
    @line_cell_magic
    def build(self, line: str, cell: str | None = None) -> Job:
        """Build an image; as a cell magic, the cell is the Dockerfile."""
        given = parse_argstring(self.build, line)
        if cell is not None and given.file:
            raise UsageError("%%build takes the cell as its Dockerfile; leave out --file.")
        return api.build(
            given.context,
            tag=given.tag,
            dockerfile=cell if cell is not None else given.file,
            target=given.target,
            build_args=dict(_pair(text) for text in given.build_arg),
            secrets={name: Path(path or "") for name, path in map(_pair, given.secret)},
            no_cache=given.no_cache,
            pull=given.pull,
        )

    @magic_arguments()
    @argument("reference", nargs="?", help="the image; none for the embedded environment")
    @argument("--registry", action="append", help="ask this registry; may come several times")
    @line_magic
    def provision(self, line: str) -> Job:
        """Find, pull or build an image."""
        given = parse_argstring(self.provision, line)
        registries = given.registry or api.PROVISION_REGISTRIES
        return api.provision(given.reference, registries=registries)


def _pair(text: str) -> tuple[str, str | None]:
    """Split `NAME=VALUE`; no value takes the environment's, as Docker does."""
    name, has_value, value = text.partition("=")
    return name, value if has_value else None


def load(ipython: Any) -> None:
    """Register the magics with a running IPython."""
    ipython.register_magics(ImageMagics)
