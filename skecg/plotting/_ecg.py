"""The recording on the standard sheet, to scale."""

import numpy as np

from skecg.plotting._attribution import draw_band, draw_scale, sum_over, usual_limit
from skecg.plotting._layout import SHEET_SECONDS, arrange, label_height, stack_rows
from skecg.plotting._record import (
    check_attribution,
    check_options,
    check_rhythm_lead,
    check_signal,
    read_record,
)
from skecg.plotting._sheet import Sheet
from skecg.utils import resolve_lead_names

_LABEL_WIDTH = 9.0  # mm
_PULSE_WIDTH = 15.0  # mm from the grid's edge to the first sample


class ECGDisplay:
    """One record on the standard 12-lead sheet, to scale.

    It is recommended to use :meth:`from_record`. All parameters are stored as
    attributes.

    Parameters
    ----------
    signal : array-like of shape (n_times, n_leads) or (n_times,)
        The record in mV. Where it is NaN the trace has a gap.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str, default=None
        Name of each lead. None means the twelve standard leads, or the eight
        independent ones, in their usual order where the record has so many.
    layout : {"3x4", "6x2", "12x1"}, default="3x4"
        Rows and columns. A column shows 2.5 s, 5 s or 10 s, each the stretch after
        the one before it.
    rhythm_lead : str or None, default="auto"
        Lead drawn once more below, over all 10 s. ``"auto"`` means II where the
        record has it and the layout has more than one column, else none.
    speed : float, default=25.0
        Paper speed in mm/s.
    gain : float, default=10.0
        Gain in mm/mV.
    title : str, default=None
        Text above the grid.
    attribution : array-like of the shape of `signal`, default=None
        Contribution of each sample to a decision, such as log-odds of
        :func:`~skecg.explanation.integrated_gradients`, drawn as a band behind the
        trace: orange above 0, blue below 0, with a bar of the scale below the grid.
    attribution_window : float, default=0.04
        Seconds around each sample over which its lead's attributions are summed, which
        makes single samples legible and the scale the same at any sampling rate. 0
        draws them as they are.
    attribution_limit : float, default=None
        Attribution with the full colour; the same value makes several records
        comparable. None means the size that 0.5 % of this record's exceed.

    Attributes
    ----------
    figure_, ax_ : matplotlib.figure.Figure, matplotlib.axes.Axes
        Figure and sheet, after `plot`; the unit of the axes is 1 mm.
    lines_ : dict of str to matplotlib.lines.Line2D
        The trace of each lead, after `plot`, in the order of the sheet.
    rhythm_line_ : matplotlib.lines.Line2D or None
        The rhythm strip, after `plot`.

    Raises
    ------
    ValueError
        If shape, names or options don't fit each other, or the signal is not in mV.

    See Also
    --------
    MedianBeatDisplay : The median beats with their measured waves.

    Notes
    -----
    The twelve standard leads have their usual places [1]_, in any order of the record.
    Other sets of leads fill the columns from the top; leads that fit into one column
    are drawn below each other over the whole time. The first 10 s are drawn. Of a
    shorter record, a column whose time is past the end shows the last stretch.

    A new figure has the size of the paper: saved at any resolution and printed without
    scaling, 1 mm is 1 mm. Each lead's median over the drawn time is on its baseline.
    Rows are as far apart as their traces need, up to 120 mm; a `gain` of 5 mm/mV
    halves a tall sheet.

    References
    ----------
    .. [1] Kligfield P, et al. Recommendations for the standardization and
       interpretation of the electrocardiogram: part I. Circulation 2007;115:1306-1324.
       doi:10.1161/CIRCULATIONAHA.106.180200

    Examples
    --------
    >>> from skecg import ECGDisplay, make_lvh_ecg
    >>> cohort = make_lvh_ecg(1, fs=500, random_state=0)
    >>> display = ECGDisplay(cohort.data[0], cohort.fs, cohort.lead_names).plot()
    >>> list(display.lines_)[:4]
    ['I', 'II', 'III', 'aVR']
    >>> ECGDisplay(cohort.data[0].T, fs=500)
    Traceback (most recent call last):
    ...
    ValueError: signal has the shape (12, 5000), that is 5000 leads of 12 samples; ...
    """

    def __init__(
        self,
        signal,
        fs,
        lead_names=None,
        *,
        layout="3x4",
        rhythm_lead="auto",
        speed=25.0,
        gain=10.0,
        title=None,
        attribution=None,
        attribution_window=0.04,
        attribution_limit=None,
    ):
        self.fs = fs
        self.layout = layout
        self.speed = speed
        self.gain = gain
        self.title = title
        self.attribution_window = attribution_window
        self.attribution_limit = attribution_limit
        check_options("ECGDisplay", **vars(self))
        self.signal = check_signal(signal)
        n_leads = self.signal.shape[1]
        self.lead_names = resolve_lead_names(lead_names, None, n_leads, required=True)
        self.rhythm_lead = check_rhythm_lead(rhythm_lead, self.lead_names)
        self.attribution = check_attribution(attribution, self.signal)

    @classmethod
    def from_record(cls, X, *, fs=None, lead_names=None, ax=None, **options):
        """Draw one record.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_times, n_leads)
            The record in mV; of shape (n_times,) for one lead. A first axis of one
            record is dropped. A labelled X in uV is converted.
        fs : float, default=None
            Sampling rate in Hz. None means that of a labelled X.
        lead_names : sequence of str, default=None
            Name of each lead. None means those of a labelled X, else as in the class.
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on, to scale in itself but not on paper. None makes a new
            figure.
        **options : dict
            Other parameters of the class, such as ``layout`` and ``attribution``.

        Returns
        -------
        ECGDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If X is not one record in mV, if sampling rate or leads are unknown, or if
            X contradicts the arguments.
        """
        signal, fs, lead_names = read_record(X, fs, lead_names)
        return cls(signal, fs, lead_names, **options).plot(ax)

    def plot(self, ax=None):
        """Draw the sheet.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure, to scale.

        Returns
        -------
        self : ECGDisplay
            The drawn display.
        """
        panels = arrange(
            self.lead_names,
            len(self.signal),
            self.fs,
            layout=self.layout,
            rhythm_lead=self.rhythm_lead,
            speed=self.speed,
        )
        heights = self._heights()
        traces = [heights[panel.start : panel.stop, panel.lead] for panel in panels]
        n_label = round(_LABEL_WIDTH / self.speed * self.fs)
        height, baselines = stack_rows(panels, traces, self.layout, self.gain, n_label)
        width = max(
            panel.x + (panel.stop - panel.start) / self.fs * self.speed
            for panel in panels
        )
        sheet = Sheet(_PULSE_WIDTH + width + 5, height, ax)
        self.ax_, self.figure_ = sheet.ax, sheet.ax.figure
        self.lines_, self.rhythm_line_ = {}, None
        for baseline in baselines:
            sheet.pulse(2.5, baseline, self.gain)
        attribution = self._summed()
        if attribution is not None:
            drawn = attribution[: round(SHEET_SECONDS * self.fs)]
            limit = self.attribution_limit or usual_limit(drawn)
            exceeded = bool((np.abs(drawn) > limit).any())
            draw_scale(sheet, limit, self.attribution_window, exceeded)
        for panel, trace in zip(panels, traces, strict=True):
            x = self._draw_panel(sheet, panel, trace, baselines[panel.row], n_label)
            if attribution is not None:
                values = attribution[panel.start : panel.stop, panel.lead] / limit
                trace = baselines[panel.row] + trace
                draw_band(sheet.ax, x, trace, np.clip(values, -1, 1))
        self._write(sheet)
        return self

    def _summed(self):
        """Return the attributions summed over the window around each sample."""
        if self.attribution is None:
            return None
        window = round(self.attribution_window * self.fs)
        return sum_over(self.attribution, max(1, window))

    def _heights(self):
        """Return the drawn part of the signal in mm above its leads' medians."""
        # The median is close to the isoelectric line, where a trace mostly is; the QRS
        # complexes would move a mean.
        drawn = self.signal[: round(SHEET_SECONDS * self.fs)]
        medians = np.zeros(drawn.shape[1])
        known = np.isfinite(drawn).any(axis=0)
        medians[known] = np.nanmedian(drawn[:, known], axis=0)
        return self.gain * (drawn - medians)

    def _draw_panel(self, sheet, panel, trace, baseline, n_label):
        """Draw a stretch of a lead, its name and the mark between two leads.

        Return the horizontal positions of its samples.
        """
        name = self.lead_names[panel.lead]
        left = _PULSE_WIDTH + panel.x
        x = left + np.arange(len(trace)) / self.fs * self.speed
        line = sheet.trace(x, baseline + trace)
        if panel.column is None:
            self.rhythm_line_ = line
        else:
            self.lines_[name] = line
        if panel.column:
            sheet.divide(left, baseline)
        sheet.label(left + 1, baseline + label_height(trace, n_label), name)
        return x

    def _write(self, sheet):
        """Write title, scale and the part of the record that is not drawn."""
        if self.title is not None:
            sheet.header(self.title)
        notes = [f"{self.fs:g} Hz"]
        duration = len(self.signal) / self.fs
        if len(self.signal) > round(SHEET_SECONDS * self.fs):
            notes.insert(0, f"first {SHEET_SECONDS:g} s of {duration:g} s")
        sheet.footer(f"{self.speed:g} mm/s, {self.gain:g} mm/mV", ", ".join(notes))
