"""Write the recordings and the notebook of the gallery: `python -m tests.gallery`."""

from tests.gallery import NOTEBOOKS, RECORDINGS
from tests.gallery.write import notebook, recordings

RECORDINGS.mkdir(parents=True, exist_ok=True)
for name, text in recordings().items():
    (RECORDINGS / f"{name}.jsonl").write_text(text, encoding="utf-8")
(NOTEBOOKS / "gallery.ipynb").write_text(notebook(), encoding="utf-8")
