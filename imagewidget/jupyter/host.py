"""The front end that shows the cells of this kernel, as far as it decides how a panel is shown."""

from __future__ import annotations

import os

from imagewidget.jupyter.kernel import is_colab, kernel, request_metadata

_VS_CODE_SESSION = "-jvsc-"
_VS_CODE_CELL = "vscode-"

# Set in the kernels that an application starts itself, without a Jupyter server.
_APPLICATIONS = (
    "VSCODE_PID",
    "PYCHARM_HOSTED",
    "DATABRICKS_RUNTIME_VERSION",
    "DEEPNOTE_PROJECT_ID",
)


def needs_view() -> bool:
    """Return whether a panel is live only if the front end is asked to display its widget view.

    JupyterLab, Notebook 7, nbclassic and Voila (all tried) create the widget in the page that
    shows the HTML of the cells, even if no view of it is displayed: the panel is drawn there.

    Known to differ, from their documentation and source: VS Code loads its support for widgets
    when the first view is displayed, Google Colab shows each output in a frame of its own, and
    marimo, Shiny and Solara, which have no IPython kernel, are given the widget itself. PyCharm,
    Databricks and Deepnote were not tried, and get the view because any front end with widgets
    can display one. A front end that is not recognised shows the HTML, which is kept up to date.
    """
    if kernel() is None or is_colab():
        return True
    if str(request_metadata().get("cellId", "")).startswith(_VS_CODE_CELL):
        return True
    session = os.environ.get("JPY_SESSION_NAME")  # set by Jupyter servers
    if session is not None:
        return _VS_CODE_SESSION in session
    return any(name in os.environ for name in _APPLICATIONS)
