"""The median beats with their measured waves, and the criteria below them."""

from skecg.criteria import check_criteria, list_findings
from skecg.plotting._beat_input import (
    check_beats,
    check_marks,
    check_row,
    label_of,
    measure_record,
    read_person,
)
from skecg.plotting._beat_sheet import BeatSheet
from skecg.plotting._findings_panel import describe_record, draw_panel, panel_height
from skecg.plotting._record import check_options
from skecg.utils import read_conduction

_GAP = 12.0  # mm between grid and table, for the legend
_LEGEND = (
    "{speed:g} mm/s, {gain:g} mm/mV.  Blue lines: QRS onset and offset.  "
    "Green dashes: P and T limits found.  Grey line: PQ level."
)


class MedianBeatDisplay:
    """Median beats with the measured waves marked, and the criteria below them.

    It is recommended to use :meth:`from_record`. The parameters are those of one
    record out of :meth:`skecg.ECGMeasurer.measure`; they are stored as attributes.

    Parameters
    ----------
    beats : array-like of shape (n_times, 12)
        Median beats of the twelve standard leads in mV; NaN in a lead that could not
        be measured.
    fs : float
        Sampling rate of the beats in Hz.
    marks : sequence of five int
        Samples of the beats: QRS onset and offset, T end, P onset and end; -1 where
        one was not found.
    measurements : structured ndarray of shape (1,) or its element
        The row of the table, of :data:`skecg.signal.MEASUREMENT_DTYPE`.
    sex : {0, 1, "male", "female"} or None, default=None
        For the thresholds; None or NaN means unknown.
    age : float, default=None
        In years; None or NaN means unknown.
    criteria : "all" or list of str, default="all"
        Keys of :data:`skecg.criteria.CRITERIA`, ``"perugia"``, ``"minnesota_3_1"``
        and ``"minnesota_3_3"`` in the order of the table.
    conduction : bool, default=False
        Whether the record has bundle branch block, pre-excitation or pacing, to which
        the criteria do not apply; they are then written as suppressed.
    speed : float, default=50.0
        Paper speed in mm/s.
    gain : float, default=10.0
        Gain in mm/mV.
    title : str, default=None
        Text above the grid.

    Attributes
    ----------
    findings : list of Finding
        Result of each criterion: ``criterion``, ``lowest`` and ``highest`` value,
        ``unit``, ``threshold`` and ``result``.
    figure_, ax_ : matplotlib.figure.Figure, matplotlib.axes.Axes
        Figure and sheet, after `plot`; the unit of the axes is 1 mm.
    lines_ : dict of str to matplotlib.lines.Line2D
        The beat of each measured lead, after `plot`.
    points_ : dict of (str, str) to matplotlib.lines.Line2D
        The dot on each peak, by lead and wave, such as ``("V5", "R")``, after `plot`.

    Raises
    ------
    ValueError
        If shapes, sex, age or criteria are not as described.

    See Also
    --------
    ECGDisplay : The recording itself, on the standard sheet.
    ECGMeasurer : Measures the records.
    CriterionClassifier : Decides by one criterion.

    Notes
    -----
    All voltages are measured from the level just before the QRS onset (PQ). Onset and
    offset are found from all leads together. R is the tallest upward wave, R' another
    one after an S. The trace ends where the next beat is due at the mean heart rate.

    A criterion whose threshold depends on the sex needs it: else the table has both
    thresholds and "sex needed". Romhilt-Estes is a range where an item is unknown, and
    decided where all of the range is on one side. A negative criterion rules nothing
    out.

    Examples
    --------
    >>> from skecg import ECGMeasurer, MedianBeatDisplay, make_lvh_ecg
    >>> cohort = make_lvh_ecg(3, fs=500, random_state=0)
    >>> table, beats, fs, marks = ECGMeasurer(500).fit(cohort.data).measure(cohort.data)
    >>> display = MedianBeatDisplay(
    ...     beats[2], fs, [m[2] for m in marks], table[2], sex=cohort.sex[2]
    ... ).plot()
    >>> display.findings[0].criterion, display.findings[0].threshold
    ('sokolow_lyon_voltage', 3.5)
    """

    def __init__(
        self,
        beats,
        fs,
        marks,
        measurements,
        *,
        sex=None,
        age=None,
        criteria="all",
        conduction=False,
        speed=50.0,
        gain=10.0,
        title=None,
    ):
        check_options("MedianBeatDisplay", fs=fs, speed=speed, gain=gain)
        self.beats = check_beats(beats)
        self.fs = fs
        self.marks = check_marks(marks, len(self.beats))
        self.measurements = check_row(measurements)
        self.sex, self.age = read_person(sex, age)
        self.criteria = check_criteria(criteria)
        disturbed = read_conduction(conduction, 1)
        self.conduction = disturbed is not None and bool(disturbed[0])
        self.speed = speed
        self.gain = gain
        self.title = title
        self.findings = list_findings(
            self.measurements, self.sex, self.criteria, conduction=self.conduction
        )

    @classmethod
    def from_record(
        cls, X, *, fs=None, lead_names=None, sex=None, age=None, ax=None, **options
    ):
        """Measure one record and draw its median beats.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_times, n_leads)
            The record in mV, of diagnostic bandwidth and unscaled. A first axis of one
            record is dropped. A labelled X in uV is converted.
        fs : float, default=None
            Sampling rate in Hz. None means that of a labelled X.
        lead_names : sequence of str, default=None
            Name of each lead. None means those of a labelled X, else the twelve
            standard leads, or the eight independent ones, where X has so many.
        sex : {0, 1, "male", "female"} or None, default=None
            None means that of a labelled X, else unknown.
        age : float, default=None
            In years. None means that of a labelled X, else unknown.
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on, to scale in itself but not on paper. None makes a new
            figure.
        **options : dict
            Other parameters of the class, such as ``criteria`` and ``conduction``,
            which is that of a labelled X where it is not given.

        Returns
        -------
        MedianBeatDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If X is not one record in mV, if sampling rate or leads are unknown, or if
            X contradicts the arguments.
        """
        measured, sex, age = measure_record(X, fs, lead_names, sex, age)
        if options.get("conduction") is None:
            options["conduction"] = label_of(X, "conduction")
        return cls(
            measured.beats[0],
            measured.fs,
            [mark[0] for mark in measured.marks],
            measured.table,
            sex=sex,
            age=age,
            **options,
        ).plot(ax)

    def plot(self, ax=None):
        """Draw the sheet.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure, to scale.

        Returns
        -------
        self : MedianBeatDisplay
            The drawn display.
        """
        beside = describe_record(self.measurements, self.sex, self.age, self.conduction)
        sheet, self.lines_, self.points_ = BeatSheet(
            self.beats, self.fs, self.marks, self.measurements, self.speed, self.gain
        ).draw(ax, _GAP + panel_height(self.findings, beside))
        self.ax_, self.figure_ = sheet.ax, sheet.ax.figure
        draw_panel(sheet.ax, -_GAP, self.findings, beside)
        if self.title is not None:
            sheet.header(self.title)
        sheet.footer(_LEGEND.format(speed=self.speed, gain=self.gain), "")
        return self
