"""Faults injected into clean records, each found at its lead and only there."""

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import (
    FINDING_UNITS,
    FINDINGS,
    LEAD_NAMES,
    QualityLimits,
    assess_quality,
    describe_doubts,
    exchange_electrodes,
    find_doubts,
    silent_leads,
)

FS = 500.0
BEATS = ["beats left out", "early beats", "fast regular waves"]
V2 = LEAD_NAMES.index("V2")
TIME = np.arange(5000) / FS


@pytest.fixture(scope="module", name="X")
def cohort():
    """Synthetic records (6, 5000, 12) in mV at 500 Hz, without a finding."""
    X = make_lvh_ecg(12, fs=500, random_state=0).data
    return X[~assess_quality(X, FS).doubtful][:6]


def gap(lead):
    """Return a lead of which 0.1 s are missing."""
    lead[1000:1050] = np.nan
    return lead


def off(lead):
    """Return a lead whose electrode falls off after 5 s."""
    lead[2500:] = lead[2500] + np.random.default_rng(0).normal(0, 0.003, 2500)
    return lead


def clipped(lead):
    """Return a lead whose amplifier reaches no further than half of its size."""
    return np.clip(lead, lead.min() / 2, lead.max() / 2)


def spoilt(lead):
    """Return a lead with a deflection of 12 mV."""
    lead[3000:3010] += 12
    return lead


def hum(lead):
    """Return a lead with 0.05 mV of 60 Hz, drifting."""
    return lead + 0.05 * np.sin(2 * np.pi * 59.95 * TIME)


def muscle(lead):
    """Return a lead with 0.08 mV of noise."""
    return lead + np.random.default_rng(0).normal(0, 0.08, 5000)


def wander(lead):
    """Return a lead whose baseline moves by 3 mV."""
    return lead + 1.5 * np.sin(2 * np.pi * 0.1 * TIME)


FAULTS = {
    "gap": (gap, 0.1),
    "no signal": (off, 0.02),
    "saturated": (clipped, None),
    "implausible amplitude": (spoilt, 12.5),
    "mains hum": (hum, 0.05),
    "muscle noise": (muscle, 0.075),
    "baseline wander": (wander, 2.95),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("finding", FAULTS)
def test_a_fault_is_found_at_its_lead_and_only_there(X, finding, dtype):
    fault, size = FAULTS[finding]
    faulty = X.astype(dtype)
    faulty[4, :, V2] = fault(faulty[4, :, V2].copy())
    given = faulty.copy()
    quality = assess_quality(faulty, FS)
    np.testing.assert_array_equal(faulty, given)
    expected = (4, V2, FINDINGS.index(finding))
    assert [tuple(place) for place in np.argwhere(quality.found).tolist()] == [expected]
    assert quality.doubtful.tolist() == [False] * 4 + [True, False]
    row = quality.rows()[0]
    assert (row["record"], row["lead"], row["finding"]) == (4, "V2", finding)
    assert row["unit"] == FINDING_UNITS[finding]
    if size is not None:
        assert row["value"] == pytest.approx(size, rel=0.15)
    assert quality.summary() == f"1 of 6 records are doubtful: {finding} in 1."
    assert repr(quality) == f"<Quality: {quality.summary()}>"


def test_a_calibration_pulse_is_found_in_all_leads_of_its_record(X):
    faulty = X.copy()
    faulty[1, 4500:] = 0.002 * np.random.default_rng(0).normal(size=(500, 12))
    faulty[1, 4600:4700] += 1.0
    quality = assess_quality(faulty, FS)
    place = FINDINGS.index("calibration pulse")
    assert quality.found[:, :, place].sum(axis=1).tolist() == [0, 12, 0, 0, 0, 0]
    np.testing.assert_allclose(quality.values[1, :, place], 1.0, atol=0.02)
    negative = assess_quality(-faulty, FS)
    assert negative.found[1, :, place].all()


def test_pacing_spikes_are_counted(X):
    faulty = X.copy()
    faulty[2, 300:5000:400] += np.linspace(0.5, 2.5, 12)  # 2 ms
    quality = assess_quality(faulty, FS)
    place = FINDINGS.index("pacing spikes")
    assert quality.found[:, :, place].any(axis=1).tolist() == [False] * 2 + [
        True,
        *[False] * 3,
    ]
    assert quality.values[2, 0, place] == 12
    assert np.isnan(
        assess_quality(faulty[:, ::5].copy(), 100.0).values[..., place]
    ).all()


def test_contradictions_are_of_the_limb_leads(X):
    faulty = X.copy()
    faulty[3, :, 5] = X[3, :, 4]
    quality = assess_quality(faulty, FS)
    found = np.argwhere(quality.found).tolist()
    place = FINDINGS.index("contradiction")
    assert found == [[3, lead, place] for lead in range(6)]
    assert quality.values[3, 0, place] > 1


def test_exchanged_electrodes_are_named_with_the_leads_that_changed(X):
    faulty = np.concatenate([X, exchange_electrodes(X[:1], "LA/RA")])
    quality = assess_quality(faulty, FS)
    assert quality.exchanged.tolist() == [""] * 6 + ["LA/RA"]
    rows = quality.rows()
    assert rows["lead"].tolist() == ["I", "II", "III", "aVR", "aVL"]
    assert set(rows["detail"]) == {"LA/RA"}
    assert rows["value"].min() > 3


def test_order_of_records_offset_and_threads_change_nothing(X):
    faulty = X.copy()
    for k, (fault, _) in enumerate(FAULTS.values()):
        faulty[k % 6, :, k] = fault(faulty[k % 6, :, k].copy())
    quality = assess_quality(faulty, FS)
    again = assess_quality(
        faulty[::-1] + 4 * np.arange(12, dtype="f4"), FS, n_jobs=None
    )
    np.testing.assert_array_equal(again.found[::-1], quality.found)
    np.testing.assert_allclose(again.values[::-1], quality.values, rtol=0.05, atol=0.01)
    alone = [assess_quality(faulty[k : k + 1], FS).found[0] for k in range(6)]
    np.testing.assert_array_equal(np.stack(alone), quality.found)


def test_limits_are_parameters(X):
    strict = QualityLimits(wander=0.0, noise=0.0)
    counts = assess_quality(X, FS, limits=strict).counts()
    assert counts["baseline wander"] == counts["muscle noise"] == 6
    faulty = hum(X[:1, :, :1][0, :, 0].copy())[None]
    assert assess_quality(faulty, FS, ["I"]).doubtful.all()
    lenient = QualityLimits(hum=0.1)
    assert not assess_quality(faulty, FS, ["I"], limits=lenient).doubtful.any()


def test_what_can_not_be_measured_is_unknown_and_no_finding(X):
    coarse = assess_quality(X[:, ::5].copy(), 100.0)
    assert np.isnan(coarse.values[..., FINDINGS.index("mains hum")]).all()
    unnamed = assess_quality(X[:, :, :5], FS)
    assert unnamed.lead_names is None
    for finding in ("contradiction", "exchanged electrodes"):
        assert np.isnan(unnamed.values[..., FINDINGS.index(finding)]).all()
    assert not unnamed.doubtful.any()
    faulty = X[:, :, :5].copy()
    faulty[0, :, 3] = 0
    assert assess_quality(faulty, FS).rows()["lead"].tolist() == ["3"]


@pytest.mark.parametrize("n_times", [1, 2, 3, 10, 250])
@pytest.mark.parametrize("value", [0.0, 1e-40, -1e4, 1e30, np.nan])
def test_any_input_is_survived(n_times, value):
    for n_leads in (1, 2, 12):
        X = np.full((2, n_times, n_leads), value)
        X[1] = np.random.default_rng(0).normal(size=(n_times, n_leads))
        quality = assess_quality(X, 250.0)
        assert quality.found.shape == (2, n_leads, len(FINDINGS))
        if n_times > 1:
            assert quality.doubtful[0]
        assert len(quality.rows()) == quality.found.sum()
    doubts = find_doubts(X, 250.0, LEAD_NAMES)
    assert doubts.silent[0].all() == (n_times > 1)
    assert isinstance(describe_doubts(X, 250.0, LEAD_NAMES, doubts=doubts), str)
    assert assess_quality(X[:0], 250.0).summary() == "0 of 0 records are doubtful."
    assert describe_doubts(X[:0], 250.0, LEAD_NAMES) == ""


def test_names_and_rates_that_do_not_fit_are_errors(X):
    with pytest.raises(ValueError, match="lead_names has 2 names, but X has 12 leads"):
        assess_quality(X, FS, ["I", "II"])
    with pytest.raises(ValueError, match="fs must be a positive number"):
        assess_quality(X, 0.0)


@pytest.mark.parametrize(
    ("size", "dtype"), [(1e30, "f4"), (1e300, "f8"), (np.inf, "f8")]
)
def test_absurdly_large_values_are_survived(X, size, dtype):
    with np.errstate(over="ignore"):
        large = (X[:2] * size).astype(dtype)
    assert assess_quality(large, FS).doubtful.all()
    assert isinstance(describe_doubts(large, FS, LEAD_NAMES), str)


@pytest.mark.parametrize(
    ("fs", "n_times", "unknown"),
    [
        (500, 5000, []),
        (100, 1000, ["mains hum", "pacing spikes"]),
        (50, 500, ["mains hum", "pacing spikes", *BEATS, "exchanged electrodes"]),
    ],
)
def test_what_can_not_be_judged_is_not_said_to_be_absent(fs, n_times, unknown):
    X = make_lvh_ecg(3, fs=fs, random_state=0).data[:, :n_times]
    quality = assess_quality(X, fs)
    found = {name: n for name, n in quality.not_judged().items() if n}
    assert found == dict.fromkeys(unknown, 3)
    told = ", ".join(f"{name} in 3" for name in unknown)
    assert quality.summary().endswith(
        f" Not judged: {told}." if unknown else "doubtful."
    )


def test_a_record_of_one_sample_is_not_judged():
    said = assess_quality(np.zeros((1, 1, 12)), 500).summary()
    assert "no signal in 1" in said.partition("Not judged:")[2]


def test_names_of_leads_are_not_cut():
    names = ["a lead of a name that is long", "another lead of a long name"]
    rows = assess_quality(np.zeros((1, 1000, 2)), 500, names).rows()
    assert rows["lead"].tolist() == names


@pytest.mark.parametrize("fs", [100.0, 128.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("seconds", [0.3, 1.9, 2.2, 5.0, 10.0])
def test_pipelines_and_checker_have_one_definition_of_no_signal(fs, seconds):
    X = make_lvh_ecg(4, fs=fs, random_state=0).data[:, : round(10 * fs)]
    start = round(2 * fs)
    for record, size in enumerate((0.0, 0.02, 0.06, 1.0)):
        part = X[record, start : start + round(seconds * fs), record]
        part[:] = size * (np.arange(len(part)) % 2)
    found = assess_quality(X, fs).found[..., FINDINGS.index("no signal")]
    np.testing.assert_array_equal(find_doubts(X, fs, None).silent, found)
    np.testing.assert_array_equal(silent_leads(X, fs), found)
    if seconds > 4:
        assert np.argwhere(found).tolist() == [[0, 0], [1, 1]]
