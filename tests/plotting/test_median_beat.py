import io

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skecg import (
    CriterionClassifier,
    ECGMeasurer,
    ECGScaler,
    MedianBeatDisplay,
    make_lvh_ecg,
)
from skecg.criteria import ALL_CRITERIA, CRITERIA, Finding
from skecg.plotting._waves import wave_points
from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE, REASONS

FS = 500


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(12, fs=FS, prevalence=0.5, random_state=0, as_xarray=True)


@pytest.fixture(scope="module")
def measured(cohort):
    return ECGMeasurer().fit(cohort.data).measure(cohort.data)


def of_record(measured, k, **options):
    """Make the display of one measured record."""
    table, beats, fs, marks = measured
    return MedianBeatDisplay(
        beats[k], fs, [mark[k] for mark in marks], table[k], **options
    )


def row_of(**columns):
    """Return a measured row: every wave 0.5 mV, and what is given."""
    row = np.zeros(1, MEASUREMENT_DTYPE)
    for name in MEASUREMENT_DTYPE.names:
        row[name] = 0.5 if "_" in name else 1
    row["reason"] = 0
    row["qrs_duration"] = 90
    for name, value in columns.items():
        row[name] = value
    return row


def of_row(**options):
    """Make the display of a row without beats, of waves and options."""
    waves = {k: options.pop(k) for k in list(options) if k in MEASUREMENT_DTYPE.names}
    beats = np.full((525, 12), np.nan)
    return MedianBeatDisplay(beats, FS, [-1] * 5, row_of(**waves), **options)


def finding(display, criterion):
    (found,) = [f for f in display.findings if f.criterion == criterion]
    return found


def texts(display):
    return [text.get_text() for text in display.ax_.texts if text.get_text()]


def line_of(display, title):
    """Return the texts that stand at the height of a criterion's title."""
    (height,) = {
        t.get_position()[1] for t in display.ax_.texts if t.get_text() == title
    }
    return [
        t.get_text()
        for t in display.ax_.texts
        if t.get_text() and t.get_position()[1] == height
    ]


def baseline_of(display, lead):
    """Return the height in mm that stands for 0 mV."""
    beat = display.beats[:, LEAD_NAMES.index(lead)]
    heights = display.lines_[lead].get_ydata() - display.gain * beat
    assert np.nanmax(heights) - np.nanmin(heights) < 1e-9
    return np.nanmean(heights)


@pytest.mark.parametrize("record", [0, 5, 9])
def test_every_dot_is_at_the_amplitude_of_the_table_and_on_its_trace(record, measured):
    display = of_record(measured, record).plot()
    row = measured[0][record]
    dots = {
        (lead, wave): (dot.get_ydata()[0] - baseline_of(display, lead)) / 10
        for (lead, wave), dot in display.points_.items()
    }
    for lead in LEAD_NAMES:
        assert_allclose(dots.get((lead, "R"), 0), row[f"R_{lead}"], atol=1e-6)
        qs = dots.get((lead, "QS"), 0)
        assert_allclose(dots.get((lead, "Q"), qs), -row[f"Q_{lead}"], atol=1e-6)
        assert_allclose(dots.get((lead, "S"), qs), -row[f"S_{lead}"], atol=1e-6)
    for (lead, _), dot in display.points_.items():
        x, y = display.lines_[lead].get_data()
        assert_allclose(y[np.abs(x - dot.get_xdata()[0]).argmin()], dot.get_ydata()[0])


def test_dots_are_at_the_true_amplitudes_of_a_synthetic_record(cohort, measured):
    display = of_record(measured, 2).plot()
    height = display.points_["V5", "R"].get_ydata()[0] - baseline_of(display, "V5")
    assert_allclose(height / 10, cohort.amplitudes["R"][2, 10], atol=0.05)
    depth = display.points_["V2", "S"].get_ydata()[0] - baseline_of(display, "V2")
    assert_allclose(-depth / 10, cohort.amplitudes["S"][2, 7], atol=0.05)


def test_values_are_written_in_mv(measured):
    display = of_record(measured, 0).plot()
    row = measured[0][0]
    for lead in ("I", "V5"):
        assert f"R {row[f'R_{lead}']:.2f}" in texts(display)


@pytest.mark.parametrize("record", [0, 2, 5, 9])
def test_values_cover_neither_each_other_nor_much_of_a_trace(record, measured):
    display = of_record(measured, record).plot()
    figure = display.figure_
    figure.canvas.draw()
    to_mm = display.ax_.transData.inverted()
    values = [t for t in display.ax_.texts if t.get_text()[:2] in ("Q ", "R ", "S ")]
    boxes = [to_mm.transform(t.get_window_extent().get_points()) for t in values]
    assert len(boxes) > 20
    for k, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[k + 1 :]:
            assert not ((low < other_high) & (other_low < high)).all()
        covered = sum(
            ((line.get_xydata() > low) & (line.get_xydata() < high)).all(axis=1).sum()
            for line in display.lines_.values()
        )
        assert covered <= 25, values[k].get_text()  # 2.5 mm


def test_table_is_legible_at_the_width_of_a_page(measured):
    figure = of_record(measured, 0).plot().figure_
    pixels_per_point = 800 / (72 * figure.get_figwidth())
    sizes = {t.get_fontsize() for t in figure.axes[0].texts}
    assert min(sizes) * pixels_per_point > 7
    assert 8.5 * pixels_per_point > 9


def test_qrs_lines_are_as_far_apart_as_the_duration(measured):
    display = of_record(measured, 0, speed=25).plot()
    heights = []
    for lines in display.ax_.collections:
        segments = np.array(lines.get_segments())
        if len(segments) == 2 and np.ptp(segments[0, :, 0]) == 0:
            heights.append(np.diff(segments[:, 0, 0])[0])
    duration = measured[0]["qrs_duration"][0] / 1000
    assert heights.count(pytest.approx(25 * duration)) == 12


def test_limits_of_p_and_t_are_marked_where_they_are_found(measured):
    table, beats, fs, marks = measured
    display = of_record(measured, 0, speed=50).plot()
    x, _ = display.lines_["II"].get_data()
    expected = {round(x[0] + 50 * mark[0] / fs, 6) for mark in marks}
    drawn = {
        round(float(segment[0, 0]), 6)
        for lines in display.ax_.collections
        for segment in lines.get_segments()
    }
    first_column = {round(50 * mark[0] / fs, 6) for mark in marks}
    assert len(first_column) == 5
    assert expected <= drawn


def test_trace_is_to_scale_and_the_scale_is_written(measured):
    display = of_record(measured, 1, speed=25, gain=5).plot()
    x, y = display.lines_["V3"].get_data()
    assert_allclose(np.diff(x), 25 / FS)
    assert_allclose(np.diff(y), 5 * np.diff(display.beats[:, 8]), atol=1e-9)
    assert any("25 mm/s, 5 mm/mV" in text for text in texts(display))


def test_new_figure_prints_to_scale(measured):
    display = of_record(measured, 0).plot()
    display.figure_.canvas.draw()
    corners = display.ax_.transData.transform([(0, 0), (25.4, 50.8)])
    inch = display.figure_.dpi
    assert_allclose(corners[1] - corners[0], [inch, 2 * inch])


def test_leads_stand_three_by_four(measured):
    display = of_record(measured, 0).plot()
    rows = [round(baseline_of(display, lead), 6) for lead in LEAD_NAMES]
    assert len(set(rows)) == 3
    assert rows[0:3] == rows[3:6] == rows[6:9] == rows[9:12]
    assert rows[0] > rows[1] > rows[2]


@pytest.mark.parametrize(
    ("sex", "threshold", "shown", "result"),
    [
        ("male", 2.8, "> 2.8", "negative"),
        (1, 2.0, "> 2", "positive"),
        (None, np.nan, "> 2.8 M, 2 F", "sex needed"),
        (np.nan, np.nan, "> 2.8 M, 2 F", "sex needed"),
    ],
)
def test_threshold_is_that_of_the_sex(sex, threshold, shown, result):
    display = of_row(R_aVL=0.9, S_V3=1.2, sex=sex).plot()
    cornell = finding(display, "cornell_voltage")
    assert_allclose([cornell.lowest, cornell.threshold], [2.1, threshold])
    assert cornell.result == result
    assert line_of(display, ALL_CRITERIA["cornell_voltage"].title)[1:] == [
        "2.100 mV",
        shown,
        result,
    ]


@pytest.mark.parametrize(
    ("wave", "result"), [(3.0, "positive"), (1.1, "sex needed"), (0.1, "negative")]
)
def test_unknown_sex_is_needed_only_where_the_sexes_differ(wave, result):
    display = of_row(R_aVL=wave, S_V3=wave)
    assert finding(display, "cornell_voltage").result == result
    assert finding(display, "cornell_product").result == result
    product = finding(display, "cornell_product")
    assert product.highest > product.lowest
    assert " to " in product.value_text
    assert finding(display, "sokolow_lyon_voltage").result == "negative"


def test_coordinates_of_a_record_are_taken_as_they_are(cohort):
    record = cohort.data[:1]
    display = of_row(R_aVL=0.9, S_V3=1.2, sex=record.sex, age=record.age)
    assert (display.sex, display.age) == (record.sex.item(), record.age.item())


def test_missing_wave_is_unavailable_whatever_the_sex():
    for sex in (None, 0, 1):
        display = of_row(S_V3=np.nan, sex=sex)
        assert finding(display, "cornell_voltage").result == "unavailable"
        assert finding(display, "cornell_voltage").value_text == "–"


def test_cornell_of_exactly_the_threshold_is_negative_and_shown_to_the_microvolt():
    display = of_row(R_aVL=0.06, S_V3=2.74, sex="male")
    cornell = finding(display, "cornell_voltage")
    assert (cornell.value_text, cornell.result) == ("2.800 mV", "negative")


def test_score_is_a_range_where_the_p_wave_is_unknown():
    unknown = {"p_terminal_amplitude_V1": np.nan, "p_terminal_duration_V1": np.nan}
    voltage = {"R_V5": 3.0, "qrs_axis": 60, "T_V5": 0.3, "T_V6": 0.3}
    display = of_row(sex=0, **voltage, **unknown).plot()
    probable = line_of(display, ALL_CRITERIA["romhilt_estes_probable"].title)
    assert probable[1:] == ["4 to 7 points", "≥ 4", "positive"]
    assert finding(display, "romhilt_estes_definite").result == "unavailable"


def test_one_point_is_singular():
    one = Finding("romhilt_estes_probable", 1.0, 1.0, "points", 4.0, "negative")
    assert one.value_text == "1 point"


@pytest.mark.parametrize("criterion", ALL_CRITERIA)
def test_results_are_those_of_the_classifier(criterion, cohort, measured):
    table = ECGMeasurer().fit(cohort.data).transform(cohort.data)
    classifier = CriterionClassifier(criterion).fit(table, cohort.target)
    expected = classifier.report(table)
    found = [
        of_record(measured, k, sex=cohort.sex[k], criteria=[criterion]).findings[0]
        for k in range(len(table))
    ]
    assert_array_equal([f.result for f in found], expected)


def test_every_published_criterion_has_a_line():
    assert set(CRITERIA) <= set(ALL_CRITERIA)


def test_table_has_the_chosen_criteria_in_their_order(measured):
    display = of_record(measured, 0, criteria=["lewis", "cornell_voltage"])
    assert [f.criterion for f in display.findings] == ["lewis", "cornell_voltage"]
    shown = texts(display.plot())
    assert ALL_CRITERIA["lewis"].title in shown
    assert ALL_CRITERIA["perugia"].title not in shown


def test_rate_intervals_and_axis_are_written(measured):
    row = measured[0][0]
    display = of_record(measured, 0, sex=1, age=63.7).plot()
    written = " ".join(texts(display))
    for text in (
        f"Heart rate {row['heart_rate']:.0f}/min",
        f"QRS duration {row['qrs_duration']:.0f} ms",
        f"QRS axis {row['qrs_axis']:.0f}°",
        f"PR {row['pr_interval']:.0f} ms",
        f"QT {row['qt_interval']:.0f} ms",
        f"Median of {row['n_used']} of {row['n_beats']} beats",
        "Woman, 63 years",
        "do not rule LVH out. Research use only.",
    ):
        assert text in written


def test_conduction_suppresses_every_criterion():
    display = of_row(R_aVL=5, sex=0, conduction=True).plot()
    assert {f.result for f in display.findings} == {"suppressed"}
    assert "the criteria do not apply" in " ".join(texts(display))


@pytest.mark.parametrize(("duration", "warned"), [(118, False), (120, True)])
def test_wide_qrs_is_pointed_out(duration, warned):
    display = of_row(qrs_duration=duration).plot()
    assert any("QRS 120 ms or more" in text for text in texts(display)) == warned


@pytest.mark.parametrize(("age", "warned"), [(34.9, True), (35, False), (None, False)])
def test_youth_is_pointed_out(age, warned):
    display = of_row(age=age).plot()
    assert ("criteria are not validated" in " ".join(texts(display))) == warned


@pytest.mark.parametrize(
    ("X", "reason"),
    [
        (np.zeros((1000, 12)), "no signal"),
        (np.sin(np.arange(40))[:, None] * np.ones(12), "too short"),
    ],
)
def test_record_that_is_not_measured_has_its_reason_and_no_dots(X, reason):
    assert reason in REASONS
    display = MedianBeatDisplay.from_record(X, fs=100, sex="male")
    assert f"Not measured: {reason}" in texts(display)
    assert not display.points_
    assert {f.result for f in display.findings} == {"unavailable"}


def test_leads_without_measurement_are_named_and_left_empty(cohort):
    X = cohort.data.values[0].copy()
    X[:, 7] = 0
    display = MedianBeatDisplay.from_record(X, fs=FS, sex=0)
    assert "V2" not in display.lines_
    assert len(display.lines_) == 11
    assert "Absent, flat or too noisy to measure: V2." in texts(display)
    assert finding(display, "sokolow_lyon_12sl").result == "unavailable"
    assert finding(display, "cornell_voltage").result in ("positive", "negative")


def test_fast_heart_shows_no_neighbouring_beat():
    t = np.arange(0, 10, 1 / FS)
    beat = np.exp(-(((t % 0.4) - 0.2) ** 2) / (2 * 0.012**2))
    X = beat[:, None] * np.linspace(0.5, 1.5, 12)
    display = MedianBeatDisplay.from_record(X, fs=FS)
    shown = display.lines_["V1"].get_ydata() - baseline_of(display, "V1")
    high = 9 * X[:, 6].max()
    assert np.ptp(np.flatnonzero(10 * display.beats[:, 6] > high)) > 0.3 * FS
    assert np.ptp(np.flatnonzero(shown > high)) < 0.03 * FS
    assert np.isfinite(shown).sum() > 0.5 * FS


def test_label_gives_sex_and_age_rate_and_leads(cohort, measured):
    display = MedianBeatDisplay.from_record(cohort.data[3])
    assert display.sex == cohort.sex[3]
    assert_allclose(display.age, cohort.age[3])
    expected = of_record(measured, 3, sex=cohort.sex[3], age=cohort.age[3])
    assert display.findings == expected.findings
    assert_array_equal(display.beats, expected.beats)


def test_leads_in_another_order_are_drawn_in_their_places(cohort):
    X = cohort.data[3:4]
    turned = MedianBeatDisplay.from_record(X[:, :, ::-1])
    straight = MedianBeatDisplay.from_record(X)
    assert_allclose(turned.beats, straight.beats, atol=1e-5)


def test_unlabelled_record_has_no_sex(cohort):
    display = MedianBeatDisplay.from_record(cohort.data.values[3], fs=FS)
    assert np.isnan(display.sex)
    assert "Sex unknown, age unknown" in texts(display)
    assert finding(display, "cornell_voltage").threshold_text == "> 2.8 M, 2 F"


@pytest.mark.parametrize(("name", "other"), [("sex", None), ("age", 17.0)])
def test_argument_that_contradicts_the_label_is_an_error(name, other, cohort):
    X = cohort.data[0]
    other = 1 - float(X.coords["sex"]) if other is None else other
    with pytest.raises(ValueError, match=f"{name}=.* contradicts X, which is labelled"):
        MedianBeatDisplay.from_record(X, **{name: other})


def test_argument_fills_an_unknown_label(cohort):
    X = cohort.data[0].assign_coords(sex=np.nan, age=np.nan)
    display = MedianBeatDisplay.from_record(X, sex="female", age=50)
    assert (display.sex, display.age) == (1, 50)


def test_axes_of_the_caller_are_drawn_on(pyplot, measured):
    _, ax = pyplot.subplots()
    display = of_record(measured, 0).plot(ax)
    assert display.ax_ is ax
    assert display.plot().ax_ is not ax


def test_microvolts_labelled_as_such_are_converted(cohort):
    X = cohort.data[:1]
    micro = (1000 * X).assign_attrs(units="uV")
    first, second = (MedianBeatDisplay.from_record(x) for x in (X, micro))
    assert_allclose(second.beats, first.beats, atol=1e-5)


def test_record_is_not_modified(cohort):
    X = cohort.data.values[0].copy()
    X[100:120, 3] = np.nan
    given = X.copy()
    MedianBeatDisplay.from_record(X, fs=FS)
    assert_array_equal(X, given)


def test_sheet_can_be_saved(measured):
    image = io.BytesIO()
    of_record(measured, 0, title="Record 0").plot().figure_.savefig(image, dpi=40)
    assert image.getvalue()


def test_complex_without_upward_wave_is_one_qs():
    beat = np.zeros(100)
    beat[40:60] = -np.sin(np.linspace(0, np.pi, 20))
    row = row_of(Q_V1=-beat.min(), R_V1=0, S_V1=-beat.min(), R2_V1=0)
    (point,) = wave_points(beat, "V1", 38, 62, row)
    assert point == ("QS", beat.argmin(), beat.min())


def test_second_r_is_marked_beside_the_first():
    beat = np.zeros(100)
    beat[[40, 45, 50, 55]] = [-0.1, 1.0, -0.5, 0.3]
    row = row_of(Q_V1=0.1, R_V1=1.0, S_V1=0.5, R2_V1=0.3)
    points = wave_points(beat, "V1", 35, 60, row)
    assert points == [("Q", 40, -0.1), ("R", 45, 1.0), ("S", 50, -0.5), ("R'", 55, 0.3)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criteria": ["cornell"]}, r"criteria must be names of .*got \['cornell'\]"),
        ({"age": 1956}, "age must be years from 0 to 120.*year of birth"),
        ({"sex": 2}, "sex must be 0"),
        ({"conduction": np.nan}, "conduction must be True or False"),
        ({"speed": 0}, "'speed' parameter .* Got 0"),
        ({"gain": -5.0}, "'gain' parameter .* Got -5.0"),
        ({"fs": None}, "fs is needed"),
        ({"fs": 50}, "fs must be at least 80 Hz"),
        ({"lead_names": ["I", "II"]}, "2 names, but X has 12 leads"),
    ],
)
def test_impossible_options_are_errors(options, message, cohort):
    with pytest.raises(ValueError, match=message):
        MedianBeatDisplay.from_record(cohort.data.values[0], **{"fs": FS} | options)


def test_criteria_as_one_string_is_an_error(measured):
    with pytest.raises(TypeError, match="criteria must be 'all' or a list of names"):
        of_record(measured, 0, criteria="lewis")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: 1000 * X, "divide it by 1000"),
        (lambda X: X.T, "give signal.T"),
        (lambda X: np.stack([X, X]), "must be one record, but has 2"),
    ],
)
def test_other_than_one_record_in_mv_is_an_error(change, message, cohort):
    with pytest.raises(ValueError, match=message):
        MedianBeatDisplay.from_record(change(cohort.data.values[0]), fs=FS)


def test_scaled_record_is_an_error(cohort):
    scaled = ECGScaler().fit_transform(cohort.data)
    with pytest.raises(ValueError, match="X is standardized"):
        MedianBeatDisplay.from_record(scaled[0])


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, np.zeros((525, 8)), r"beats must have the shape \(n_times, 12\)"),
        (2, [1, 2], "marks must be QRS onset, QRS offset"),
        (2, [1, 2, 3, 4, 525], "marks must be .* from -1 to 524"),
        (3, np.zeros(1), "measurements must be one row"),
        (3, np.zeros(2, MEASUREMENT_DTYPE), "measurements must be one row"),
    ],
)
def test_parts_of_other_shapes_are_errors(place, value, message):
    parts = [np.zeros((525, 12)), FS, [-1] * 5, row_of()]
    parts[place] = value
    with pytest.raises(ValueError, match=message):
        MedianBeatDisplay(*parts)


def test_conduction_of_labelled_records_suppresses(cohort):
    X = cohort.data.assign_coords(conduction=("record", [True] * len(cohort.data)))
    suppressed = MedianBeatDisplay.from_record(X[3], criteria=["lewis"])
    assert finding(suppressed, "lewis").result == "suppressed"
    given = MedianBeatDisplay.from_record(X[3], criteria=["lewis"], conduction=False)
    assert finding(given, "lewis").result != "suppressed"
