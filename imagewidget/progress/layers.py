"""The layers of one image while they are pulled."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imagewidget.progress.events import Image, LayerChanged, LayerPhase
from imagewidget.progress.rate import Rate
from imagewidget.progress.state import LayerState
from imagewidget.progress.text.safe_text import visible

# How much of a layer's work the download is; the rest is unpacking. The engine
# does both at once, and a bar that stops at the download's end would lie.
_DOWNLOAD_SHARE = 0.75

_DOWNLOADED = (LayerPhase.VERIFYING, LayerPhase.DOWNLOADED, LayerPhase.EXTRACTING, LayerPhase.DONE)


@dataclass(frozen=True)
class Moved:
    """Bytes `done` of `total`; a lower bound unless `is_final`."""

    done: int = 0
    total: int = 0
    is_final: bool = False

    def __add__(self, other: Moved) -> Moved:
        """Count both together."""
        if not other.total:
            return self
        if not self.total:
            return other
        return Moved(
            self.done + other.done, self.total + other.total, self.is_final and other.is_final
        )


@dataclass(frozen=True)
class Work:
    """Downloading and unpacking together: `done` of `total`, in no unit of its own."""

    done: float
    total: float

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self.done / self.total


class PullProgress:
    """Where every layer stands, and what that makes of the whole."""

    def __init__(self) -> None:
        self._layers: dict[str, LayerState] = {}
        self._rates: dict[str, Rate] = {}
        self._is_over = False

    def change(self, event: LayerChanged, now: float) -> None:
        """Take what the engine says of one layer."""
        name = visible(event.id)
        layer = replace(self._layers.get(name) or LayerState(name, event.phase), phase=event.phase)
        if event.phase is LayerPhase.EXTRACTING:
            layer = replace(
                layer,
                extracted=_known(event.current, layer.extracted),
                extract_total=event.total if event.total is not None else layer.extract_total,
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
        """The engine has the whole image: no layer is left on its way.

        Podman tells of the image's configuration as of one more layer, by the
        image's own id.
        """
        self._is_over = True
        self._layers.pop(image.short_id, None)
        for name, layer in self._layers.items():
            if layer.phase is not LayerPhase.CACHED:
                self._layers[name] = _completed(replace(layer, phase=LayerPhase.DONE))

    def stop(self) -> None:
        """The pull is over without the image: what was on its way or waited is not any more."""
        for name, layer in self._layers.items():
            if not layer.phase.is_final and layer.phase is not LayerPhase.DOWNLOADED:
                self._layers[name] = replace(layer, phase=LayerPhase.STOPPED)

    def layers(self, now: float) -> tuple[LayerState, ...]:
        """Give every layer, with the speed of those that download."""
        return tuple(self._with_speed(layer, now) for layer in self._layers.values())

    @property
    def is_extracting(self) -> bool:
        """Whether nothing is left to download and something to unpack."""
        waiting = [layer for layer in self._new() if not layer.phase.is_final]
        return bool(waiting) and all(layer.phase in _DOWNLOADED for layer in waiting)

    @property
    def moved(self) -> Moved:
        """Compressed bytes of the layers that were not here before."""
        layers = self._new()
        is_final = self._is_over or all(layer.total for layer in layers)
        total = sum(layer.total or 0 for layer in layers)
        return Moved(sum(layer.current for layer in layers), total, bool(total) and is_final)

    @property
    def work(self) -> Work | None:
        """How much is done of how much, in bytes of a kind; None before a layer is named.

        A layer of unknown size counts as large as the others are on average,
        until it is here: a layer that was never counted on its way is small.
        Where no layer has a size, each counts one.
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
    """How much of one layer's work is done, 0 to 1."""
    if layer.phase is LayerPhase.DONE:
        return 1.0
    if layer.phase in _DOWNLOADED:
        unpacked = layer.extracted / layer.extract_total if layer.extract_total else 0.0
        return _DOWNLOAD_SHARE + (1 - _DOWNLOAD_SHARE) * min(1.0, unpacked)
    return _DOWNLOAD_SHARE * min(1.0, layer.current / layer.total) if layer.total else 0.0
