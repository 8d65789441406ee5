import numpy as np
import pytest

from skecg.datasets import make_lvh_ecg
from skecg.signal import WAVES, segment_waves

P, QRS, ST_T = 1, 2, 3


def overlap(found, truth):
    return (found & truth).sum() / (found | truth).sum()


def true_qrs(cohort, k, n_times):
    times = np.arange(n_times)[:, np.newaxis] / cohort.fs
    since = times - cohort.r_times[k] - cohort.qrs_onset[k] / 1000
    return ((since >= 0) & (since <= cohort.qrs_duration[k] / 1000)).any(axis=1)


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(20, fs=250, random_state=0)


@pytest.fixture(scope="module")
def waves(cohort):
    return segment_waves(cohort.data, cohort.fs)


@pytest.mark.parametrize(("fs", "least"), [(100, 0.7), (250, 0.8), (500, 0.8)])
def test_qrs_complexes_are_where_they_were_made(fs, least):
    cohort = make_lvh_ecg(10, fs=fs, random_state=1)
    waves = segment_waves(cohort.data, fs)
    overlaps = [
        overlap(waves[k] == QRS, true_qrs(cohort, k, waves.shape[1])) for k in range(10)
    ]
    assert min(overlaps) > least
    assert np.median(overlaps) > least + 0.05


def test_waves_follow_each_other_in_the_order_of_a_beat(waves):
    assert WAVES == ("P", "QRS", "ST-T")
    for row in waves:
        codes = row[row > 0]
        order = codes[np.append(True, np.diff(codes) != 0)].tolist()
        steps = set(zip(order, order[1:], strict=False))
        assert steps <= {(P, QRS), (QRS, ST_T), (ST_T, P), (ST_T, QRS)}
        assert {QRS, ST_T} <= set(order)
    assert (waves == P).any(axis=1).mean() >= 0.9


def test_every_beat_has_its_qrs(waves, cohort):
    for k, row in enumerate(waves):
        middle = np.round(cohort.r_times[k] * cohort.fs).astype(int)
        inside = (middle > 30) & (middle < len(row) - 30)
        assert (row[middle[inside]] == QRS).all()


def test_a_record_that_can_not_be_measured_is_minus_one(cohort):
    X = cohort.data[:3].copy()
    X[1] = 0
    waves = segment_waves(X, cohort.fs)
    assert (waves[1] == -1).all()
    assert (waves[[0, 2]] >= 0).all()


def test_records_do_not_depend_on_each_other_or_on_units_of_leads(waves, cohort):
    alone = segment_waves(cohort.data[4:5], cohort.fs)
    np.testing.assert_array_equal(alone[0], waves[4])


def test_one_lead_in_two_dimensions_is_as_in_three(cohort):
    X = cohort.data[:2, :, 1]
    np.testing.assert_array_equal(
        segment_waves(X, cohort.fs, ["II"]),
        segment_waves(X[:, :, None], cohort.fs, ["II"]),
    )


def test_wrong_names_of_leads_are_an_error(cohort):
    with pytest.raises(ValueError, match="has 1 names, but X has 12 leads"):
        segment_waves(cohort.data, cohort.fs, ["II"])
