"""The layers of one image while it is being pulled."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imagewidget.progress.events import Image, LayerChanged, LayerPhase
from imagewidget.progress.rate import Rate
from imagewidget.progress.state import LayerState
from imagewidget.progress.text.safe_text import visible

# The download's share of the work for a layer; the rest is unpacking. The engine
# does both at once, so a bar that is full when the download ends would be wrong.
_DOWNLOAD_SHARE = 0.75

_DOWNLOADED = (LayerPhase.VERIFYING, LayerPhase.DOWNLOADED, LayerPhase.EXTRACTING, LayerPhase.DONE)


@dataclass(frozen=True)
class Moved:
    """`done` of `total` bytes; `total` is a lower bound unless `is_final`."""

    done: int = 0
    total: int = 0
    is_final: bool = False

    def __add__(self, other: Moved) -> Moved:
        """Return the sum of both."""
        if not other.total:
            return self
        if not self.total:
            return other
        return Moved(
            self.done + other.done, self.total + other.total, self.is_final and other.is_final
        )


@dataclass(frozen=True)
class Work:
    """Downloading and unpacking together: `done` of `total`, in an arbitrary unit."""

    done: float
    total: float

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self.done / self.total


class PullProgress:
    """The progress of every layer, and of the whole pull."""

    def __init__(self) -> None:
        self._layers: dict[str, LayerState] = {}
        self._rates: dict[str, Rate] = {}
        self._positions: dict[str, int] = {}

    def change(self, event: LayerChanged, now: float) -> None:
        """Apply an event about one layer."""
        name = visible(event.id)
        layer = replace(self._layers.get(name) or LayerState(name, event.phase), phase=event.phase)
        if event.position is not None:
            self._positions[name] = event.position
        if event.phase is LayerPhase.EXTRACTING:
            layer = replace(
                layer,
                extracted=_known(event.current, layer.extracted),
                extract_total=event.total if event.total is not None else layer.extract_total,
                extract_seconds=(
                    event.seconds if event.seconds is not None else layer.extract_seconds
                ),
            )
        elif event.phase is LayerPhase.DOWNLOADING:
            layer = replace(
                layer,
                current=_known(event.current, layer.current),
                total=event.total if event.total is not None else layer.total,
            )
            self._rates.setdefault(name, Rate()).update(now, layer.current)
        self._layers[name] = _completed(layer)

    def finish(self, image: Image) -> None:
        """Mark every layer as done: the engine has the whole image.

        Podman reports the image's configuration as one more layer, which has the
        id of the image; it is removed. So are attestations, which an engine that
        reports the unpacking of layers reports like them, but never unpacks.
        """
        self._layers.pop(image.short_id, None)
        if self._positions:
            self._layers = {
                name: layer
                for name, layer in self._layers.items()
                if name in self._positions or layer.phase is LayerPhase.CACHED
            }
        for name, layer in self._layers.items():
            if layer.phase is not LayerPhase.CACHED:
                self._layers[name] = _completed(replace(layer, phase=LayerPhase.DONE))

    def stop(self) -> None:
        """Mark incomplete layers as stopped: the pull ended without the image."""
        for name, layer in self._layers.items():
            if not layer.phase.is_final and layer.phase is not LayerPhase.DOWNLOADED:
                self._layers[name] = replace(layer, phase=LayerPhase.STOPPED)

    def layers(self, now: float) -> tuple[LayerState, ...]:
        """Return every layer in the image's order, with the speed of those that are downloading.

        Layers of which the engine has not reported the position yet are the last ones.
        """
        found = [*self._layers.values()]
        if self._positions:
            last = len(self._layers) + 1
            found.sort(key=lambda each: self._positions.get(each.id, last))
        return tuple(self._with_speed(layer, now) for layer in found)

    @property
    def is_extracting(self) -> bool:
        """Whether nothing is left to download, but something is left to unpack."""
        waiting = [layer for layer in self._new() if not layer.phase.is_final]
        return bool(waiting) and all(layer.phase in _DOWNLOADED for layer in waiting)

    @property
    def moved(self) -> Moved:
        """Compressed bytes of the layers that were not cached."""
        layers = self._new()
        is_final = all(layer.total for layer in layers)
        total = sum(layer.total or 0 for layer in layers)
        return Moved(sum(layer.current for layer in layers), total, bool(total) and is_final)

    @property
    def work(self) -> Work | None:
        """The work done and the whole work, roughly in bytes; None before any layer is known.

        A layer of unknown size counts as the average of the others until it is
        downloaded, then as 0: a layer whose download was never reported is small.
        If no layer has a size, each counts as 1.
        """
        layers = self._new()
        sizes = [layer.total for layer in layers if layer.total]
        usual = sum(sizes) / len(sizes) if sizes else 1.0
        done = total = 0.0
        for layer in layers:
            is_small = bool(sizes) and layer.phase in _DOWNLOADED
            size = layer.total or (0.0 if is_small else usual)
            total += size
            done += size * _share(layer)
        return Work(done, total) if total else None

    def _new(self) -> list[LayerState]:
        return [layer for layer in self._layers.values() if layer.phase is not LayerPhase.CACHED]

    def _with_speed(self, layer: LayerState, now: float) -> LayerState:
        rate = self._rates.get(layer.id)
        if rate is None or layer.phase is not LayerPhase.DOWNLOADING:
            return layer
        rate.update(now, layer.current)
        return replace(layer, speed=rate.per_second)


def _known(value: int | None, before: int) -> int:
    return before if value is None else value


def _completed(layer: LayerState) -> LayerState:
    """Fill in what a phase implies: a downloaded layer has all its bytes."""
    if layer.phase in _DOWNLOADED and layer.total is not None:
        layer = replace(layer, current=layer.total)
    if layer.phase is LayerPhase.DONE and layer.extract_total is not None:
        layer = replace(layer, extracted=layer.extract_total)
    return layer


def _share(layer: LayerState) -> float:
    """Return how much of the work for one layer is done, 0 to 1."""
    if layer.phase is LayerPhase.DONE:
        return 1.0
    if layer.phase in _DOWNLOADED:
        unpacked = layer.extracted / layer.extract_total if layer.extract_total else 0.0
        return _DOWNLOAD_SHARE + (1 - _DOWNLOAD_SHARE) * min(1.0, unpacked)
    return _DOWNLOAD_SHARE * min(1.0, layer.current / layer.total) if layer.total else 0.0
