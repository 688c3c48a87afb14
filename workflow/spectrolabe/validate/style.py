"""How the figures look: names and units of labels, colours that colour-blind readers can tell apart, and saving."""

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from spectrolabe.spectra.labels import abundance_of, unit_of

#: What stands in tables for what is not known; a column of it alone is left out.
UNKNOWN = "–"
NAMES = {
    "teff": r"$T_\mathrm{eff}$",
    "logg": r"$\log\,g$",
    "feh": "[Fe/H]",
    "alpha_fe": "[α/Fe]",
    "vsini": r"$v\,\sin i$",
    "vbroad": r"$v_\mathrm{broad}$",
    "vmic": r"$v_\mathrm{mic}$",
    "rv": "RV",
}
DECIMALS = {"K": 0, "km/s": 2, "dex": 3}
# Okabe & Ito's colours, in an order that keeps neighbours apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
BLUE, ORANGE, GREEN = COLOURS[:3]
INK, GREY, PALE = "#222222", "#8a8a8a", "#d9d9d9"
DENSITY = "viridis"
DPI = 150
STYLE = {
    "font.size": 10,
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "axes.edgecolor": "#666666",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "text.color": INK,
}


def name_of(label: str) -> str:
    """Give a label's name as astronomers write it; of an unknown one, its own."""
    return NAMES.get(label) or abundance_of(label) or label


def axis_name(label: str, prefix: str = "") -> str:
    """Give an axis title: prefix, name and unit."""
    return f"{prefix}{name_of(label)} [{unit_of(label)}]"


def number(label: str, value: float, *, signed: bool = False, coarse: bool = False) -> str:
    """Write a value of a label with the decimals that its unit deserves; a single star's, coarse, with one less."""
    decimals = max(DECIMALS[unit_of(label)] - coarse, 0)
    rounded = round(float(value), decimals) + 0.0
    return f"{rounded:{'+' if signed else ''}.{decimals}f}".replace("-", "−")


def percent(share: float | None) -> str:
    """Write a share in per cent, of one that is not known `UNKNOWN`."""
    return UNKNOWN if share is None or np.isnan(share) else f"{100 * share:.1f} %"


def new_figure(width: float, height: float) -> Figure:
    """Start a figure of the project's look, without pyplot's global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def draw_message(text: str) -> Figure:
    """Draw a figure that says in words why there is nothing to see."""
    figure = new_figure(7, 2)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=GREY, fontsize=13)
    return figure


def panel_grid(figure: Figure, labels: list[str], *, columns: int = 3) -> dict[str, Axes]:
    """Lay out one panel per label, row by row."""
    columns = min(columns, len(labels))
    rows = -(-len(labels) // columns)
    grid = figure.add_gridspec(rows, columns)
    return {label: figure.add_subplot(grid[divmod(index, columns)]) for index, label in enumerate(labels)}


def styled(draw):
    """Let a drawing function work in the project's look, whatever the caller's settings are."""

    def wrapper(*args, **kwargs):
        with rc_context(STYLE):
            return draw(*args, **kwargs)

    wrapper.__doc__, wrapper.__name__ = draw.__doc__, draw.__name__
    return wrapper


def robust_limits(values: np.ndarray, share: float = 0.5, margin: float = 0.08) -> tuple[float, float]:
    """Give axis limits that hold all but ``share`` per cent of the values at either end."""
    values = np.asarray(values, float)
    low, high = np.percentile(values[np.isfinite(values)], [share, 100 - share])
    border = margin * (high - low) or 1.0
    return low - border, high + border


def save_figure(figure: Figure, path: Path | str) -> None:
    """Write a figure as PNG at 150 dots an inch with 256 colours: small, and the same bytes for the same picture."""
    with rc_context(STYLE):
        figure.set_dpi(DPI)
        figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, format="PNG", optimize=True, dpi=(DPI, DPI))
