"""The look that the displays of scores share: a journal's column, safe colours."""

from contextlib import contextmanager

from skecg.metrics import in_words
from skecg.utils import import_optional

# Okabe and Ito's colours, told apart in every colour vision.
MODEL, OTHER, GREY = "#0072B2", "#D55E00", "0.45"
ONE_COLUMN, TWO_COLUMNS = 85 / 25.4, 180 / 25.4  # inches
JOURNAL_STYLE = {
    "font.size": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""Matplotlib's settings for a figure that is printed at its own size."""
BAND_ALPHA = 0.2


@contextmanager
def drawing_on(ax, display):
    """Yield the caller's axes, or those of a new figure; the display keeps them."""
    import_optional("matplotlib", "plot", f"{type(display).__name__}.plot")
    from matplotlib import rc_context

    # The settings count where artists are made, not where the figure is saved.
    # A caller's axes keep the caller's style.
    with rc_context(JOURNAL_STYLE if ax is None else {}):
        if ax is None:
            from matplotlib import pyplot

            size = display.figure_size
            _, ax = pyplot.subplots(figsize=size, layout="constrained")
        display.ax_, display.figure_ = ax, ax.figure
        yield ax


def draw_band(ax, band, color, confidence_level):
    """Shade between the ends of intervals; None without any."""
    if band is None:
        return None
    return ax.fill_between(
        *band,
        color=color,
        alpha=BAND_ALPHA,
        linewidth=0,
        label=f"{100 * confidence_level:g} % over patients",
    )


def draw_hollow(ax, x, y, color):
    """Draw the squares of few records, which are not to be trusted, as hollow ones."""
    (line,) = ax.plot(
        x, y, "s", color=color, markerfacecolor="white", markersize=4, zorder=3
    )
    return line


def legend_entries(*panels):
    """Return handles and labels of all panels, each label once."""
    entries = {}
    for ax in panels:
        handles, labels = ax.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    return list(entries.values()), list(entries)


def draw_legend(ax, loc):
    """Draw a legend with each label once."""
    # A pale background keeps the text legible on a line.
    entries = legend_entries(ax)
    return ax.legend(*entries, loc=loc, framealpha=0.8, edgecolor="none")


def with_interval(name, metric, figure):
    """Return a legend entry such as "Model" over "AUROC 0.966 (0.956 to 0.975)"."""
    if figure is None:
        return name
    return f"{name}\n{metric} {in_words(*figure)}"
