import io
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skecg import ECGDisplay, ECGScaler, make_lvh_ecg
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES

FS = 100
SHEET_3X4 = [
    ["I", "aVR", "V1", "V4"],
    ["II", "aVL", "V2", "V5"],
    ["III", "aVF", "V3", "V6"],
]


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(2, fs=FS, random_state=0, as_xarray=True)


@pytest.fixture(scope="module")
def record(cohort):
    return cohort.data.values[0].astype(float)


def lines_by_place(display):
    """Return rows from the top, each with its leads' names from the left."""
    places = {}
    for name, line in display.lines_.items():
        baseline = baseline_of(display, name)
        places.setdefault(baseline, []).append((line.get_xdata()[0], name))
    return [[n for _, n in sorted(places[y])] for y in sorted(places, reverse=True)]


def baseline_of(display, name):
    """Return the height in mm that stands for the lead's median."""
    lead = display.lead_names.index(name)
    drawn = display.signal[: round(10 * display.fs), lead]
    line = display.lines_[name]
    first = round((line.get_xdata()[0] - 15) / display.speed * display.fs)
    height = line.get_ydata()[0] - display.gain * (drawn[first] - np.median(drawn))
    return round(height, 6)


def texts(display):
    return [text.get_text() for text in display.ax_.texts]


def test_full_length_trace_is_ten_mm_a_mv_and_25_mm_a_second(record):
    display = ECGDisplay(record, FS, layout="12x1").plot()
    for lead, name in enumerate(LEAD_NAMES):
        x, y = display.lines_[name].get_data()
        assert_allclose(x - x[0], 25 * np.arange(len(record)) / FS)
        assert_allclose(y - y[0], 10 * (record[:, lead] - record[0, lead]), atol=1e-9)


def test_speed_and_gain_scale_the_trace_and_are_written_below(record):
    display = ECGDisplay(record, FS, layout="12x1", speed=50, gain=5).plot()
    x, y = display.lines_["V5"].get_data()
    assert_allclose(np.diff(x), 50 / FS)
    assert_allclose(np.diff(y), 5 * np.diff(record[:, 10]), atol=1e-9)
    assert "50 mm/s, 5 mm/mV" in texts(display)


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_sheet_prints_to_scale(layout, record):
    display = ECGDisplay(record, FS, layout=layout).plot()
    display.figure_.canvas.draw()
    inch = display.figure_.dpi
    corners = display.ax_.transData.transform([(0, 0), (25.4, 50.8)])
    assert_allclose(corners[1] - corners[0], [inch, 2 * inch])


def test_saved_picture_has_a_grid_line_at_every_fifth_mm():
    image = io.BytesIO()
    display = ECGDisplay(np.zeros((1000, 12)), FS).plot()
    display.figure_.savefig(image, format="rgba", dpi=254)
    width, height = np.round(10 * 25.4 * display.figure_.get_size_inches()).astype(int)
    pixels = np.frombuffer(image.getvalue(), np.uint8).reshape(height, width, 4)
    green = pixels[-125, :, 1].astype(int)  # 2.5 mm above the grid's foot
    on_boxes, on_mm, between = green[50:-40:50], green[60:-40:10], green[55:-50:10]
    assert on_boxes.max() < on_mm.max() < 230
    assert between.min() == 255


@pytest.mark.parametrize("gain", [5, 10])
def test_every_row_begins_with_a_pulse_of_one_mv(record, gain):
    display = ECGDisplay(record, FS, gain=gain).plot()
    pulses = [line for line in display.ax_.lines if len(line.get_xdata()) == 6]
    baselines = {baseline_of(display, name) for name in display.lines_}
    assert len(pulses) == 4
    assert baselines < {pulse.get_ydata()[0] for pulse in pulses}
    for pulse in pulses:
        x, y = pulse.get_data()
        assert y.max() - y.min() == gain
        assert x[3] - x[2] == 5
        assert x.max() < 15


def test_three_by_four_has_the_leads_in_their_places(record):
    display = ECGDisplay(record, FS).plot()
    assert lines_by_place(display) == SHEET_3X4


def test_six_by_two_has_limb_leads_left_and_chest_leads_right(record):
    display = ECGDisplay(record, FS, layout="6x2").plot()
    expected = [list(pair) for pair in zip(LEAD_NAMES[:6], LEAD_NAMES[6:], strict=True)]
    assert lines_by_place(display) == expected


def test_twelve_by_one_has_all_leads_below_each_other_without_a_strip(record):
    display = ECGDisplay(record, FS, layout="12x1").plot()
    assert lines_by_place(display) == [[name] for name in LEAD_NAMES]
    assert display.rhythm_line_ is None


@pytest.mark.parametrize(
    ("layout", "seconds"), [("3x4", 2.5), ("6x2", 5), ("12x1", 10)]
)
def test_columns_show_one_stretch_of_the_record_after_the_other(
    layout, seconds, record
):
    display = ECGDisplay(record, FS, layout=layout).plot()
    for lead, name in enumerate(LEAD_NAMES):
        x, y = display.lines_[name].get_data()
        start = round((x[0] - 15) / 25 * FS)
        assert len(y) == seconds * FS
        assert start % (seconds * FS) == 0
        shown = record[start : start + len(y), lead]
        assert_allclose(y - y[0], 10 * (shown - shown[0]), atol=1e-9)


def test_leads_find_their_places_whatever_their_order_and_spelling(record):
    backwards = [name.upper() for name in LEAD_NAMES[::-1]]
    display = ECGDisplay(record[:, ::-1], FS, backwards).plot()
    usual = ECGDisplay(record, FS).plot()
    assert lines_by_place(display) == SHEET_3X4
    for name in LEAD_NAMES:
        assert_allclose(
            display.lines_[name].get_xydata(), usual.lines_[name].get_xydata()
        )


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_every_lead_is_named_beside_its_trace(layout, record):
    display = ECGDisplay(record, FS, layout=layout, rhythm_lead=None).plot()
    labels = {t.get_text(): t for t in display.ax_.texts if t.get_text() in LEAD_NAMES}
    assert set(labels) == set(LEAD_NAMES)
    for name, label in labels.items():
        x, y = label.get_position()
        trace_x, trace_y = display.lines_[name].get_data()
        assert trace_x[0] < x < trace_x[0] + 3
        below = trace_y[(trace_x < x + 8)].max()
        assert y > below
        assert y - below < 10


def test_rhythm_strip_is_lead_ii_over_the_whole_time(record):
    display = ECGDisplay(record, FS).plot()
    x, y = display.rhythm_line_.get_data()
    assert_allclose(x[[0, -1]], [15, 15 + 25 * 9.99])
    assert_allclose(np.diff(y), 10 * np.diff(record[:, 1]), atol=1e-9)
    assert texts(display).count("II") == 2


def test_rhythm_lead_can_be_another_or_none(record):
    display = ECGDisplay(record, FS, rhythm_lead="v1").plot()
    y = display.rhythm_line_.get_ydata()
    assert_allclose(np.diff(y), 10 * np.diff(record[:, 6]), atol=1e-9)
    assert ECGDisplay(record, FS, rhythm_lead=None).plot().rhythm_line_ is None


@pytest.mark.parametrize("voltage", [1, 2, 3])
@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_no_trace_meets_the_one_below_it_even_at_high_voltage(layout, voltage, record):
    display = ECGDisplay(voltage * record, FS, layout=layout).plot()
    rows = [
        [display.lines_[name].get_xydata() for name in row]
        for row in lines_by_place(display)
    ]
    for upper, lower in zip(rows, rows[1:], strict=False):
        for above, below in zip(upper, lower, strict=True):
            assert above[:, 1].min() > below[:, 1].max()


def test_all_traces_lie_on_the_grid(record):
    display = ECGDisplay(3 * record, FS).plot()
    (right, top) = np.array([display.ax_.get_xlim()[1] - 5, display.ax_.get_ylim()[1]])
    for line in display.ax_.lines:
        assert line.get_xdata().min() >= 0
        assert line.get_xdata().max() <= right
        assert line.get_ydata().min() >= 0
        assert line.get_ydata().max() <= top - 10


def test_one_lead_is_drawn_over_the_whole_time(record):
    display = ECGDisplay(record[:, 10], FS, ["V5"]).plot()
    assert lines_by_place(display) == [["V5"]]
    assert len(display.lines_["V5"].get_xdata()) == 1000
    assert display.rhythm_line_ is None


def test_eight_leads_fill_the_columns_from_the_top(record):
    eight = record[:, [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]]
    display = ECGDisplay(eight, FS).plot()
    assert lines_by_place(display) == [
        ["I", "V1", "V3", "V5"],
        ["II", "V2", "V4", "V6"],
    ]
    assert display.rhythm_line_ is not None


def test_of_a_long_record_ten_seconds_are_drawn_and_the_footer_says_so(record):
    display = ECGDisplay(np.tile(record, (3, 1)), FS, layout="12x1").plot()
    assert len(display.lines_["I"].get_xdata()) == 1000
    assert "first 10 s of 30 s, 100 Hz" in texts(display)


def test_of_a_short_record_late_columns_show_its_last_stretch(record):
    short = record[:400]
    display = ECGDisplay(short, FS).plot()
    y = display.lines_["V6"].get_ydata()
    assert_allclose(np.diff(y), 10 * np.diff(short[150:, 11]), atol=1e-9)
    assert len(display.rhythm_line_.get_ydata()) == 400


def test_constant_offset_of_a_lead_changes_nothing(record):
    shifted = ECGDisplay(record + 3.0, FS).plot()
    usual = ECGDisplay(record, FS).plot()
    for name in LEAD_NAMES:
        assert_allclose(
            shifted.lines_[name].get_ydata(), usual.lines_[name].get_ydata()
        )


def test_gaps_flat_and_empty_leads_are_drawn_as_they_are(record):
    broken = record.copy()
    broken[100:200, 0] = np.nan
    broken[:, 1] = 0.0
    broken[:, 2] = np.inf
    display = ECGDisplay(broken, FS, layout="12x1").plot()
    display.figure_.canvas.draw()
    assert_array_equal(
        np.isnan(display.lines_["I"].get_ydata()), np.isnan(broken[:, 0])
    )
    assert np.ptp(display.lines_["II"].get_ydata()) == 0
    assert np.isnan(display.lines_["III"].get_ydata()).all()
    assert "III" in texts(display)


def test_record_is_not_modified(record):
    signal = record.copy()
    ECGDisplay(signal, FS).plot()
    assert_array_equal(signal, record)


def test_labelled_record_brings_rate_leads_and_unit(cohort, record):
    plain = ECGDisplay.from_record(record, fs=FS)
    microvolts = cohort.data[0] * 1000
    microvolts.attrs["units"] = "uV"
    for X in (cohort.data[0], cohort.data[[0]], microvolts):
        display = ECGDisplay.from_record(X)
        assert display.fs == FS
        for name in LEAD_NAMES:
            assert_allclose(
                display.lines_[name].get_ydata(),
                plain.lines_[name].get_ydata(),
                atol=1e-4,
            )


def test_one_lead_of_a_labelled_record_keeps_its_name(cohort):
    display = ECGDisplay.from_record(cohort.data[0].sel(lead="V5"))
    assert list(display.lines_) == ["V5"]


def test_title_stands_above_the_grid(record):
    display = ECGDisplay.from_record(record, fs=FS, title="Record 7")
    (title,) = (t for t in display.ax_.texts if t.get_text() == "Record 7")
    assert title.get_position()[1] > display.ax_.get_ylim()[1] - 10


def test_axes_of_the_caller_are_drawn_on_undistorted(pyplot, record):
    figure, ax = pyplot.subplots(figsize=(4, 4))
    display = ECGDisplay.from_record(record, fs=FS, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    figure.canvas.draw()
    corners = ax.transData.transform([(0, 0), (10, 10)])
    assert_allclose(*(corners[1] - corners[0]))


def bands(display):
    return [c for c in display.ax_.collections if c.get_label() == "attribution"]


def test_attribution_colours_the_trace_by_sign_and_strength(record):
    attribution = np.zeros_like(record)
    attribution[:100, 0] = 0.5
    attribution[300:400, 3] = -1.0
    display = ECGDisplay(
        record, FS, layout="12x1", attribution=attribution, attribution_window=0
    ).plot()
    first, fourth = bands(display)[0], bands(display)[3]
    red, _, blue, _ = first.get_colors()[10]
    assert red > blue
    red, _, blue, _ = fourth.get_colors()[-1]
    assert blue > red
    paleness = 1 - first.get_colors()[-1, 2], 1 - fourth.get_colors()[-1, 0]
    assert_allclose(paleness, [0.5, 1])
    assert len(first.get_segments()) == 100
    trace = display.lines_["I"].get_xydata()
    drawn = {tuple(segment.ravel()) for segment in np.array(first.get_segments())}
    assert tuple(trace[10:12].ravel()) in drawn
    assert not bands(display)[1].get_segments()


def test_attributions_are_summed_over_the_window_around_each_sample(record):
    attribution = np.zeros_like(record)
    attribution[500, 0] = 0.3
    display = ECGDisplay(
        record, FS, layout="12x1", attribution=attribution, attribution_window=0.05
    ).plot()
    x = np.array(bands(display)[0].get_segments())[:, :, 0]
    seconds = (x - 15) / 25
    assert_allclose([seconds.min(), seconds.max()], [4.97, 5.03])
    # The band's ends are half as strong: there a sample in the window meets one out.
    strength = 1 - bands(display)[0].get_colors()[:, 2]
    assert_allclose(np.sort(strength), [0.5, 0.5, 1, 1, 1, 1])
    assert "+0.3 log-odds in 50 ms" in texts(display)


def test_the_strongest_attribution_is_drawn_last(record):
    attribution = np.random.default_rng(0).normal(size=record.shape)
    display = ECGDisplay(record, FS, attribution=attribution).plot()
    colors = bands(display)[0].get_colors()[:, :3]
    darkness = (1 - colors).max(axis=1)
    assert (np.diff(darkness) >= -1e-9).all()


def test_the_scale_is_written_with_what_exceeds_it(record):
    attribution = np.zeros_like(record)
    attribution[100, 0], attribution[300, 1] = 0.2, -0.1
    options = {"attribution": attribution, "attribution_window": 0}
    exact = texts(ECGDisplay(record, FS, **options).plot())
    assert "\N{MINUS SIGN}0.2" in exact
    assert "+0.2 log-odds" in exact
    clipped = texts(ECGDisplay(record, FS, **options, attribution_limit=0.15).plot())
    assert "\N{LESS-THAN OR EQUAL TO} \N{MINUS SIGN}0.15" in clipped
    assert "\N{GREATER-THAN OR EQUAL TO} +0.15 log-odds" in clipped
    scale = [
        c
        for c in ECGDisplay(record, FS, **options).plot().ax_.collections
        if c.get_label() == "scale"
    ]
    assert len(scale) == 1


def test_few_attributions_exceed_the_usual_scale(record):
    attribution = np.random.default_rng(0).normal(size=record.shape)
    display = ECGDisplay(record, FS, attribution=attribution, attribution_window=0)
    (low,) = (text for text in texts(display.plot()) if "\N{MINUS SIGN}" in text)
    limit = float(low.split("\N{MINUS SIGN}")[1])
    assert (np.abs(attribution) > limit).mean() == pytest.approx(0.005, abs=0.002)


def test_the_grid_and_the_trace_lie_over_the_band(record):
    display = ECGDisplay(record, FS, attribution=np.ones_like(record)).plot()
    grid = min(
        c.get_zorder()
        for c in display.ax_.collections
        if not c.get_label()[0].isalpha()
    )
    assert bands(display)[0].get_zorder() < grid < display.lines_["I"].get_zorder()


def test_no_attribution_at_all_is_drawn_white(record):
    display = ECGDisplay(record, FS, attribution=np.zeros_like(record)).plot()
    assert not any(len(band.get_segments()) for band in bands(display))


def test_the_attribution_of_a_batch_of_one_is_taken(record):
    attribution = np.ones((1, *record.shape))
    display = ECGDisplay.from_record(record[None], fs=FS, attribution=attribution)
    assert display.attribution.shape == record.shape


def test_trace_is_black_on_a_pink_grid(record):
    display = ECGDisplay(record, FS).plot()
    assert display.lines_["I"].get_color() == "black"
    red, green, blue, _ = display.ax_.collections[0].get_colors()[0]
    assert red > green == blue


def test_importing_the_display_does_not_import_matplotlib():
    code = (
        "import sys; from skecg import ECGDisplay; print('matplotlib' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, check=True, timeout=300)
    assert run.stdout.strip() == b"False"


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((12, 1000), r"\(12, 1000\), that is 1000 leads of 12 samples; .* signal.T"),
        ((1, 12), r"two samples or more, but got \(1, 12\)"),
        ((2, 1000, 12), r"must be one record, but has 2 of them; choose one"),
        ((2, 2, 1000, 12), r"but got \(2, 2, 1000, 12\)"),
        ((1000, 5), r"5 unnamed leads; say which they are with lead_names"),
    ],
)
def test_wrong_shape_is_an_error(shape, message):
    with pytest.raises(ValueError, match=message):
        ECGDisplay.from_record(np.zeros(shape), fs=FS)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layout": "4x3"}, ValueError, "'layout' parameter of .* Got '4x3'"),
        ({"rhythm_lead": "V7"}, ValueError, "rhythm_lead must be one .* got 'V7'"),
        ({"gain": np.inf}, ValueError, "must be a float in the range"),
        ({"gain": 0}, ValueError, "'gain' parameter of ECGDisplay .* Got 0"),
        ({"speed": -25}, ValueError, "'speed' parameter .* Got -25"),
        ({"speed": "25"}, TypeError, "'speed' parameter .* Got '25'"),
        ({"fs": 0}, ValueError, "'fs' parameter .* Got 0"),
        ({"lead_names": ["I"]}, ValueError, "1 names, but X has 12 leads"),
        ({"lead_names": ["I"] * 12}, ValueError, "names a lead twice"),
        (
            {"attribution": np.zeros((5, 12))},
            ValueError,
            r"\(1000, 12\), but got \(5, 12",
        ),
        ({"attribution": np.full((1000, 12), np.nan)}, ValueError, "must be finite"),
        (
            {"attribution_window": -1},
            ValueError,
            "'attribution_window' .* -1",
        ),
        ({"attribution_window": "1"}, TypeError, "'attribution_window' .* Got '1'"),
        (
            {"attribution_limit": 0},
            ValueError,
            "'attribution_limit' .* Got 0",
        ),
    ],
)
def test_wrong_option_is_an_error(options, error, message, record):
    with pytest.raises(error, match=message):
        ECGDisplay.from_record(record, **{"fs": FS, **options})


def test_plain_record_without_sampling_rate_is_an_error(record):
    with pytest.raises(ValueError, match="fs is needed .* such as fs=500"):
        ECGDisplay.from_record(record)


def test_sampling_rate_that_contradicts_the_label_is_an_error(cohort):
    with pytest.raises(ValueError, match="fs=500 contradicts X.* with 100 Hz; leave"):
        ECGDisplay.from_record(cohort.data[0], fs=500)


def test_microvolts_taken_for_millivolts_are_an_error(record):
    with pytest.raises(ValueError, match="in microvolts, divide it by 1000"):
        ECGDisplay(1000 * record, FS)


def test_standardized_record_is_an_error(cohort):
    standardized = ECGScaler().fit_transform(cohort.data)
    with pytest.raises(ValueError, match="X is standardized, but .* before ECGScaler"):
        ECGDisplay.from_record(standardized[0])


@pytest.mark.ptbxl
def test_real_records_are_drawn_in_every_layout(ptbxl_path):
    from skecg import load_ptbxl

    X = load_ptbxl(ptbxl_path, fs=100, as_xarray=True).data
    for i, layout in enumerate(["3x4", "6x2", "12x1"]):
        display = ECGDisplay.from_record(X[i], layout=layout)
        assert len(display.lines_) == 12
