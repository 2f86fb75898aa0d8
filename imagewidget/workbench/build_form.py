"""The Build tab: a folder, an editable Dockerfile, and the options of a build."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import ipywidgets

from imagewidget import environment
from imagewidget.api.building import build
from imagewidget.engine.client import DockerClient
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.jobs.job import Job
from imagewidget.workbench.fields import (
    Changed,
    Field,
    Lines,
    check_directory,
    check_reference,
    folder_at,
)
from imagewidget.workbench.more_options import MoreOptions, sentence, title
from imagewidget.workbench.secrets import Secrets

_EMBEDDED = "The Dockerfile of the embedded environment."
_OWN = "The directory's own Dockerfile."
_LENT = "The directory has no Dockerfile; this is the embedded environment's."
_EDITED = "Edited here; no file on disk is changed."


# The options that have a field of their own; the others are among the further ones.
_HERE = ("dockerfile", "build_args", "secrets", "target", "no_cache")


class BuildForm:
    """The form of the Build tab."""

    title = "Build"

    def __init__(self, changed: Changed) -> None:
        self._changed = changed
        self.first = Field("Tag", changed, check=check_reference, placeholder="env:1")
        self._context = Field(
            "Folder",
            self._context_changed,
            check=check_directory,
            placeholder="leave empty for the files of the embedded environment only",
        )
        self._target = Field("Target", changed, placeholder="the last stage", options=())
        self._loaded = environment.dockerfile()
        self._is_own = False
        self._source: Any = ipywidgets.HTML(_EMBEDDED)
        self._source.add_class("iw-wb-note")
        self._editor: Any = ipywidgets.Textarea(
            value=self._loaded,
            description="Dockerfile",
            rows=12,
            style={"description_width": "7.5rem"},
            layout={"width": "auto"},
        )
        self._editor.add_class("iw-wb-editor")
        self._editor.observe(self._edited, "value")
        self._args = Lines(title("build_args"), changed)
        self._secrets = Secrets(changed)
        self._no_cache: Any = ipywidgets.Checkbox(description=sentence("no_cache"), indent=False)
        self._no_cache.observe(lambda _change: changed(), "value")
        self._more = MoreOptions(changed, without=_HERE)
        self.widget: Any = ipywidgets.VBox(
            [
                self.first.widget,
                self._context.widget,
                self._editor,
                self._source,
                self._args.widget,
                self._secrets.widget,
                self._target.widget,
                self._no_cache,
                self._more.widget,
            ]
        )
        self._offer_stages()

    @property
    def is_ready(self) -> bool:
        """Whether the form can be submitted."""
        parts = (self.first, self._context, self._target, self._args, self._secrets, self._more)
        return bool(self._editor.value.strip()) and all(part.is_ready for part in parts)

    @property
    def key(self) -> Hashable:
        """What would be built; secrets are not part of it."""
        text = hashlib.sha256(self._editor.value.encode()).hexdigest()
        fields = (self.first, self._context, self._target)
        values = tuple(field.value for field in fields)
        return ("build", text, self._args.value, self._no_cache.value, self._more.key, *values)

    def start(self, client: DockerClient | None) -> Job:
        """Start the build, and clear the values of the secrets once it has started.

        Raises:
            DockerError: The build was refused; the secrets are kept.
        """
        self._read_again()
        context, dockerfile, build_args = self._files()
        job = build(
            context,
            tag=self.first.value or None,
            dockerfile=dockerfile,
            build_args={**build_args, **self._args.pairs()},
            secrets=self._secrets.given(),
            target=self._target.value or None,
            no_cache=self._no_cache.value,
            **self._more.chosen(),
            client=client,
            display=False,
        )
        self._secrets.forget()
        return job

    def _files(self) -> tuple[Path | None, str | None, dict[str, str]]:
        """Return the context, the Dockerfile if it was edited, and its build arguments."""
        text = self._editor.value
        edited = f"{text}\n" if text != self._loaded else None
        if self._context.value:
            return self._folder, edited if self._is_own else f"{text}\n", {}
        if edited is None:
            return None, None, {}
        return self._embedded_files(), edited, environment.host_build_args()

    def _embedded_files(self) -> Path:
        """Write the package's files to a directory from which an edited Dockerfile can copy."""
        directory = tempfile.TemporaryDirectory(prefix="imagewidget-context-")
        weakref.finalize(self, directory.cleanup)
        for name, content in environment.files().items():
            (Path(directory.name) / name).write_bytes(content)
        return Path(directory.name)

    @property
    def _folder(self) -> Path:
        return folder_at(self._context.value)

    def _context_changed(self) -> None:
        """Show the folder's own Dockerfile, unless the editor's text was changed."""
        if self._editor.value == self._loaded and not self._context.problem:
            path = self._folder / "Dockerfile"
            self._is_own = bool(self._context.value) and path.is_file()
            self._load(_text_of(path) if self._is_own else environment.dockerfile())
        self._changed()

    def _read_again(self) -> None:
        """Reload the folder's own Dockerfile, so that the editor shows what will be built."""
        path = self._folder / "Dockerfile"
        if self._is_own and self._editor.value == self._loaded and path.is_file():
            self._load(_text_of(path))

    def _load(self, text: str) -> None:
        self._loaded = text
        self._editor.value = text
        self._show_origin()

    def _edited(self, _change: object) -> None:
        self._show_origin()
        self._offer_stages()
        self._changed()

    def _show_origin(self) -> None:
        where = _OWN if self._is_own else _LENT if self._context.value else _EMBEDDED
        self._source.value = where if self._editor.value == self._loaded else _EDITED

    def _offer_stages(self) -> None:
        stages = read_dockerfile(self._editor.value).stages
        self._target.control.options = tuple(stage.name for stage in stages if stage.name)


def _text_of(path: Path) -> str:
    return path.read_text("utf-8", "replace")
