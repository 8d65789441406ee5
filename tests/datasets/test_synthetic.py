"""The synthetic cohort: its physics, its classes and its truth."""

import numpy as np
import pytest
from scipy.signal import resample_poly
from sklearn.metrics import roc_auc_score

from skecg.datasets import make_lvh_ecg
from skecg.datasets._dipole import rotations
from skecg.datasets._truth import _q_r_s
from skecg.signal import DOWER, INDEPENDENT_LEADS, LEAD_NAMES

COLUMN = {name: index for index, name in enumerate(LEAD_NAMES)}


@pytest.fixture(scope="module")
def people():
    """Two thousand records, of which only the truth is of interest."""
    return make_lvh_ecg(2000, fs=50, duration=2, noise=0, random_state=0)


@pytest.fixture(scope="module")
def clean():
    return make_lvh_ecg(40, fs=1000, prevalence=0.5, noise=0, random_state=1)


def r(cohort, lead):
    return cohort.amplitudes["R"][:, COLUMN[lead]]


def s(cohort, lead):
    return cohort.amplitudes["S"][:, COLUMN[lead]]


def sokolow(cohort):
    return s(cohort, "V1") + np.maximum(r(cohort, "V5"), r(cohort, "V6"))


def median_beats(cohort, before=0.1, after=0.16):
    """Average beats by median around the true R times, PQ level at zero."""
    fs = cohort.fs
    beats = []
    for record, times, onset in zip(
        cohort.data, cohort.r_times, cohort.qrs_onset, strict=True
    ):
        centres = np.round(times * fs).astype(int)
        starts = centres - round(before * fs)
        length = round((before + after) * fs)
        starts = starts[(starts >= 0) & (starts + length <= len(record))]
        beat = np.median([record[start : start + length] for start in starts], axis=0)
        pq = round((before + onset / 1000 - 0.010) * fs)
        beats.append(beat - beat[pq - 4 : pq + 4].mean(axis=0))
    return np.array(beats)


@pytest.mark.parametrize("noise", [0, 1])
def test_limb_leads_obey_einthoven_and_goldberger_with_and_without_noise(noise):
    X, _ = make_lvh_ecg(5, fs=100, noise=noise, random_state=0, return_X_y=True)
    one, two, three, avr, avl, avf = np.moveaxis(X[..., :6], -1, 0)
    np.testing.assert_allclose(three, two - one, atol=1e-6)
    np.testing.assert_allclose(avr, -(one + two) / 2, atol=1e-6)
    np.testing.assert_allclose(avl, (one - three) / 2, atol=1e-6)
    np.testing.assert_allclose(avf, (two + three) / 2, atol=1e-6)


def test_clean_leads_of_one_record_lie_in_the_three_dimensions_of_a_dipole(clean):
    independent = clean.data[0][:, [COLUMN[name] for name in INDEPENDENT_LEADS]]
    singular = np.linalg.svd(independent.astype(float), compute_uv=False)
    assert singular[2] > 1e-2 * singular[0]
    assert singular[3] < 1e-6 * singular[0]


def test_lead_field_sees_the_left_the_feet_and_the_back_as_a_cardiologist_would():
    left, feet, back = DOWER.T
    names = dict(zip(INDEPENDENT_LEADS, range(8), strict=True))
    assert left[names["I"]] > 0
    assert left[names["V6"]] > 0 > left[names["V1"]]
    assert np.argmax(feet) == names["II"]
    assert np.argmin(back) == names["V2"]


def test_rotations_turn_left_to_the_feet_about_z_and_keep_length():
    turned = rotations(np.array([[0.0, 0.0, 90.0]]))[0] @ [1.0, 0.0, 0.0]
    np.testing.assert_allclose(turned, [0, 1, 0], atol=1e-12)
    matrix = rotations(np.array([[10.0, -20.0, 30.0]]))[0]
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("fs", [50, 100.0, 360, 500, 1000])
@pytest.mark.parametrize("duration", [2, 10.0])
def test_shape_dtype_and_finiteness(fs, duration):
    cohort = make_lvh_ecg(3, fs=fs, duration=duration, random_state=0)
    assert cohort.data.shape == (3, round(fs * duration), 12)
    assert cohort.data.dtype == np.float32
    assert np.isfinite(cohort.data).all()
    assert cohort.lead_names == list(LEAD_NAMES)
    assert cohort.fs == fs
    assert type(cohort.fs) is float
    assert "LVH" in cohort.DESCR


def test_leads_by_name_and_number_are_columns_of_the_twelve():
    options = {"n_records": 3, "fs": 100, "random_state": 0}
    twelve = make_lvh_ecg(**options)
    chosen = make_lvh_ecg(leads=["V5", "AVL"], **options)
    assert chosen.lead_names == ["V5", "aVL"]
    columns = [COLUMN["V5"], COLUMN["aVL"]]
    np.testing.assert_array_equal(chosen.data, twelve.data[..., columns])
    np.testing.assert_array_equal(
        chosen.amplitudes["R"], twelve.amplitudes["R"][:, columns]
    )
    assert make_lvh_ecg(n_leads=8, **options).lead_names == list(INDEPENDENT_LEADS)
    assert make_lvh_ecg(n_leads=1, **options).data.shape == (3, 1000, 1)
    assert make_lvh_ecg(n_leads=1, **options).lead_names == ["II"]


def test_same_seed_same_cohort_other_seed_another():
    first, again, other = (
        make_lvh_ecg(4, fs=100, random_state=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.data, again.data)
    np.testing.assert_array_equal(first.groups, again.groups)
    assert not np.array_equal(first.data, other.data)


def test_global_random_state_is_neither_used_nor_changed():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_lvh_ecg(2, fs=100, duration=2, random_state=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_noise_is_added_to_the_same_hearts_and_scales_linearly():
    clean, usual, double = (
        make_lvh_ecg(3, fs=250, noise=noise, random_state=0).data.astype(float)
        for noise in (0, 1, 2)
    )
    np.testing.assert_allclose(double - clean, 2 * (usual - clean), atol=2e-6)
    rms = (usual - clean).std(axis=1)
    assert 0.005 < np.median(rms) < 0.2


def test_noise_holds_mains_at_500_hz_and_none_at_100_hz():
    def power_at_mains(fs):
        options = {"fs": fs, "random_state": 0, "return_X_y": True}
        noise = make_lvh_ecg(20, **options)[0] - make_lvh_ecg(20, noise=0, **options)[0]
        spectrum = np.abs(np.fft.rfft(noise, axis=1)).mean(axis=(0, 2))
        neighbours = np.r_[spectrum[470:490], spectrum[510:530]]
        return spectrum[500] / neighbours.mean() if fs > 100 else spectrum[500]

    assert power_at_mains(500) > 5
    assert power_at_mains(100) < 0.2


def test_100_hz_record_is_the_band_limited_500_hz_record():
    options = {"n_records": 4, "random_state": 0, "noise": 0, "return_X_y": True}
    slow, fast = make_lvh_ecg(fs=100, **options)[0], make_lvh_ecg(fs=500, **options)[0]
    expected = resample_poly(fast.astype(float), 1, 5, axis=1)
    np.testing.assert_allclose(slow[:, 20:-20], expected[:, 20:-20], atol=1e-5)
    aliased = fast[:, ::5]
    assert np.abs(slow - aliased).max() > 0.02


def test_noise_at_100_hz_is_that_at_500_hz_without_its_upper_band():
    def noise(fs):
        options = {"n_records": 2, "fs": fs, "random_state": 0, "return_X_y": True}
        return make_lvh_ecg(**options)[0] - make_lvh_ecg(noise=0, **options)[0]

    spectrum = np.fft.rfft(noise(500).astype(float), axis=1)[:, 3:200]
    expected = spectrum / 5
    found = np.fft.rfft(noise(100).astype(float), axis=1)[:, 3:200]
    error = np.abs(found - expected).std() / np.abs(expected).std()
    assert error < 0.05


def test_signal_has_no_jumps(clean):
    step = np.abs(np.diff(clean.data.astype(float), axis=1)).max()
    assert step < 0.4  # mV in 1 ms
    bend = np.abs(np.diff(clean.data.astype(float), n=4, axis=1)).max()
    assert bend < 0.01  # a jump of J shows as at least 3 J


@pytest.mark.parametrize("prevalence", [0, 0.3, 1])
def test_prevalence_is_met_exactly(prevalence):
    target = make_lvh_ecg(
        50, fs=50, duration=2, prevalence=prevalence, random_state=0
    ).target
    assert target.sum() == round(50 * prevalence)
    assert target.dtype.kind == "i"


def test_patients_have_one_to_three_records_that_agree_in_class_sex_and_age(people):
    _, index, counts = np.unique(people.groups, return_inverse=True, return_counts=True)
    assert set(counts) == {1, 2, 3}
    assert 0.1 < np.mean(counts > 1) < 0.35
    for values in (people.target, people.sex, people.age):
        first = np.empty(len(counts), dtype=values.dtype)
        first[index] = values
        np.testing.assert_array_equal(first[index], values)


def test_records_of_one_patient_are_alike_in_voltage_but_not_equal(people):
    voltage = np.log(sokolow(people))
    order = np.argsort(people.groups, kind="stable")
    same = np.diff(people.groups[order]) == 0
    within = np.abs(np.diff(voltage[order]))[same]
    assert (within > 0).all()
    assert np.median(within) < 0.3 * voltage.std()


def test_healthy_voltages_are_those_of_adults(people):
    men = (people.target == 0) & (people.sex == 0)
    women = (people.target == 0) & (people.sex == 1)
    assert 1.2 < np.median(r(people, "V5")[men]) < 1.8
    assert 0.7 < np.median(s(people, "V1")[men]) < 1.2
    assert 80 < np.median(people.qrs_duration[women]) < 95
    assert 85 < np.median(people.qrs_duration[men]) < 100
    assert np.median(sokolow(people)[men]) > 1.1 * np.median(sokolow(people)[women])
    assert np.mean(sokolow(people)[men | women] >= 3.5) < 0.12
    progression = [np.median(r(people, f"V{k}")[men]) for k in range(1, 5)]
    assert progression == sorted(progression)
    assert np.mean(people.amplitudes["Q"][men, COLUMN["V6"]] > 0) > 0.6
    assert np.mean(r(people, "V1")[men] > 0) > 0.97


@pytest.mark.parametrize("sex", [0, 1])
def test_lvh_raises_lateral_r_deepens_right_s_and_widens_the_qrs(people, sex):
    healthy = (people.target == 0) & (people.sex == sex)
    lvh = (people.target == 1) & (people.sex == sex)
    for wave, lead, factor in [
        (r, "V5", 1.2),
        (r, "V6", 1.2),
        (r, "aVL", 1.8),
        (r, "I", 1.3),
        (s, "V1", 1.4),
        (s, "V2", 1.4),
        (s, "V3", 1.3),
    ]:
        values = wave(people, lead)
        assert np.median(values[lvh]) > factor * np.median(values[healthy])
    duration = people.qrs_duration
    assert np.median(duration[lvh]) > np.median(duration[healthy]) + 4
    net = r(people, "aVF") - s(people, "aVF")
    assert np.median(net[lvh]) < 0.7 * np.median(net[healthy])


def test_voltage_separates_the_classes_well_but_not_fully(people):
    cornell = r(people, "aVL") + s(people, "V3")
    assert 0.80 < roc_auc_score(people.target, sokolow(people)) < 0.93
    assert 0.75 < roc_auc_score(people.target, cornell) < 0.92
    assert 0.60 < roc_auc_score(people.target, people.qrs_duration) < 0.85


def test_strain_inverts_the_lateral_t_in_some_with_lvh_and_few_without():
    cohort = make_lvh_ecg(200, fs=500, prevalence=0.5, noise=0, random_state=2)
    late = median_beats(cohort, before=0.1, after=0.4)[:, 130:, COLUMN["V6"]]
    inverted = late.min(axis=1) < -0.1
    assert 0.2 < inverted[cohort.target == 1].mean() < 0.6
    assert inverted[cohort.target == 0].mean() < 0.03


def test_p_is_upright_in_ii_and_pq_and_tp_are_flat(clean):
    for record, times, onset in zip(
        clean.data, clean.r_times, clean.qrs_onset, strict=True
    ):
        starts = np.round((times + onset / 1000) * clean.fs).astype(int)
        start = starts[starts > 300][0]
        before = record[start - 220 : start]
        assert before[:190, COLUMN["II"]].max() > 0.03
        assert np.ptp(before[-24:-8], axis=0).max() < 0.03


def test_true_amplitudes_are_those_of_the_clean_median_beat(clean):
    beats = median_beats(clean)
    start = np.round(100 + clean.qrs_onset).astype(int)
    stop = start + np.round(clean.qrs_duration).astype(int)
    for index, beat in enumerate(beats):
        qrs = beat[start[index] : stop[index] + 1]
        true = {wave: clean.amplitudes[wave][index] for wave in "QRS"}
        lowest, highest = -qrs.min(axis=0), qrs.max(axis=0)
        has_r, has_down = true["R"] > 0.1, np.maximum(true["Q"], true["S"]) > 0.1
        assert has_r.sum() >= 8
        np.testing.assert_allclose(
            true["R"][has_r], highest[has_r], rtol=0.01, atol=0.01
        )
        np.testing.assert_allclose(
            np.maximum(true["Q"], true["S"])[has_down],
            lowest[has_down],
            rtol=0.01,
            atol=0.01,
        )
        trough = qrs.argmin(axis=0)
        before = [qrs[: max(t, 1), lead].max() for lead, t in enumerate(trough)]
        is_s = has_down & has_r & (true["S"] > true["Q"])
        is_q = has_down & has_r & (true["Q"] > true["S"])
        assert is_s.sum() >= 3
        assert np.compress(is_s, before).min(initial=1) >= 0.025
        assert np.compress(is_q, before).max(initial=0) <= 0.035


def test_nothing_leaves_the_baseline_outside_the_true_qrs(clean):
    beats = median_beats(clean)
    for beat, onset in zip(beats, clean.qrs_onset, strict=True):
        start = round(100 + onset)
        assert np.abs(beat[start - 20 : start - 3]).max() < 0.025
        assert np.abs(beat[start + 5]).max() > 0.02


def test_r_times_are_the_longest_vectors_at_plausible_rates(clean):
    for record, times in zip(clean.data, clean.r_times, strict=True):
        length = np.linalg.norm(
            record[:, [COLUMN[n] for n in INDEPENDENT_LEADS]], axis=1
        )
        for centre in np.round(times[1:-1] * 1000).astype(int):
            found = centre - 60 + length[centre - 60 : centre + 60].argmax()
            assert abs(found - centre) <= 1
        intervals = np.diff(times)
        assert 45 < 60 / intervals.mean() < 105
        assert 0.001 < intervals.std() / intervals.mean() < 0.15


def triangle(*points):
    """Draw straight lines through (sample, mV) on 201 samples of 0.5 ms."""
    at, values = zip(*points, strict=True)
    return np.interp(np.arange(201), at, values)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(40, 0), (80, 1.5), (120, 0)], (0, 1.5, 0), id="R"),
        pytest.param(
            [(30, 0), (50, -0.2), (60, 0), (90, 1.0), (120, 0), (140, -0.4), (160, 0)],
            (0.2, 1.0, 0.4),
            id="qRs",
        ),
        pytest.param([(40, 0), (80, -2.0), (120, 0)], (2.0, 0, 2.0), id="QS"),
        pytest.param(
            [(30, 0), (50, 0.2), (60, 0), (90, -1), (120, 0), (140, 0.5), (160, 0)],
            (0, 0.5, 1.0),
            id="rSR'",
        ),
        pytest.param(
            [(30, 0), (50, 0.02), (60, 0), (90, -1.0), (120, 0)],
            (1.0, 0, 1.0),
            id="20 uV is no R, so QS",
        ),
        pytest.param(
            [(40, 0), (44, 0.2), (48, 0), (90, -1.0), (120, 0)],
            (1.0, 0, 1.0),
            id="4 ms is no R, so QS",
        ),
        pytest.param(
            [(40, 0), (80, -1.0), (120, 0), (200, 0.4)],
            (1.0, 0, 1.0),
            id="a rising ST is no R",
        ),
    ],
)
def test_q_r_and_s_of_drawn_complexes(points, expected):
    beat = triangle(*points)[None, :, None]
    found = _q_r_s(beat, np.ones((1, 201, 1), dtype=bool))
    assert [wave.item() for wave in found] == pytest.approx(expected, abs=1e-12)


def test_labelled_data_carry_leads_seconds_patients_and_unit():
    cohort = make_lvh_ecg(4, fs=100, n_leads=8, random_state=0, as_xarray=True)
    X = cohort.data
    assert X.dims == ("record", "time", "lead")
    assert list(X.coords["lead"].values) == list(INDEPENDENT_LEADS)
    np.testing.assert_allclose(X.coords["time"], np.arange(1000) / 100)
    np.testing.assert_array_equal(X.coords["patient"], cohort.groups)
    np.testing.assert_array_equal(X.coords["sex"], cohort.sex)
    np.testing.assert_array_equal(X.coords["age"], cohort.age)
    assert X.attrs["units"] == "mV"
    plain, y = make_lvh_ecg(4, fs=100, n_leads=8, random_state=0, return_X_y=True)
    np.testing.assert_array_equal(X.values, plain)
    np.testing.assert_array_equal(y, cohort.target)


def test_missing_xarray_is_one_sentence_with_the_remedy(monkeypatch):
    def no_xarray(name):
        raise ImportError(name)

    monkeypatch.setattr("skecg.utils._optional.import_module", no_xarray)
    with pytest.raises(ImportError, match=r'pip install "skecg\[xarray\]"'):
        make_lvh_ecg(2, fs=50, duration=2, as_xarray=True, random_state=0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_records": 0}, ValueError, "n_records must be an integer of at least 1"),
        ({"n_records": 2.5}, TypeError, "n_records must be an integer, but got 2.5"),
        ({"fs": 20}, ValueError, "fs must be a number from 50 to 10000, but got 20"),
        ({"fs": np.nan}, ValueError, "fs must be a number from 50"),
        ({"fs": "500"}, TypeError, "fs must be a number, but got '500'"),
        ({"duration": 1}, ValueError, "duration must be a number from 2"),
        ({"prevalence": 1.2}, ValueError, "prevalence must be a number from 0 to 1"),
        ({"prevalence": True}, TypeError, "prevalence must be a number"),
        ({"noise": -1}, ValueError, "noise must be a number from 0"),
        ({"n_leads": 3}, ValueError, r"n_leads must be 12, 8 .* got 3.*leads=\["),
        ({"leads": ["V7"]}, ValueError, r"leads must be names out of .*'V7'"),
        ({"leads": []}, ValueError, "leads must name at least one lead"),
        ({"leads": "V5"}, TypeError, "leads must be a list of names"),
        ({"leads": ["I", "i"]}, ValueError, "leads names a lead twice"),
        ({"leads": ["I"], "n_leads": 12}, ValueError, "contradicts the 1 names"),
        ({"random_state": "a"}, ValueError, "cannot be used to seed"),
    ],
)
def test_invalid_parameters_are_named(options, error, message):
    with pytest.raises(error, match=message):
        make_lvh_ecg(**{"n_records": 2, "fs": 50, "duration": 2, **options})
