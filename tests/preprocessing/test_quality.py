"""ECGQualityChecker: the findings as a table, as counts and as one line."""

import numpy as np
import pytest

from skecg import ECGQualityChecker, make_lvh_ecg
from skecg.signal import FINDINGS, LEAD_NAMES, QualityLimits, assess_quality
from tests.preprocessing.records import labelled


@pytest.fixture(scope="module", name="X")
def records():
    """Synthetic records (4, 5000, 12) in mV; V1 of record 2 has no signal."""
    X = make_lvh_ecg(4, fs=500, random_state=0).data
    X[2, :, 6] = 0
    return X


def test_parameters_are_the_limits_of_the_function(X):
    checker = ECGQualityChecker(fs=500)
    given = {name: checker.get_params()[name] for name in QualityLimits._fields}
    assert given == QualityLimits()._asdict()
    strict = ECGQualityChecker(fs=500, wander=0.0).fit(X)
    assert strict.check(X).counts()["baseline wander"] == 4


def test_the_table_has_a_row_for_each_finding_in_a_lead(X):
    pytest.importorskip("pandas")
    table = ECGQualityChecker(fs=500).fit(X).report(X)
    assert table[["record", "lead", "finding"]].values.tolist() == [
        [2, "V1", "no signal"]
    ]
    assert table.loc[0, "value"] == 0
    assert table.loc[0, "limit"] == 0.05


def test_counts_are_named(X):
    checker = ECGQualityChecker(fs=500).fit(X)
    names = checker.get_feature_names_out().tolist()
    counts = checker.transform(X)
    assert counts[:, names.index("no_signal")].tolist() == [0, 0, 1, 0]
    assert counts.shape == (4, len(FINDINGS))
    assert counts.sum() == 1


def test_labels_say_rate_unit_and_leads(X):
    checker = ECGQualityChecker().fit(X)
    order = list(range(12))[::-1]
    names = [LEAD_NAMES[k] for k in order]
    given = labelled(1000 * X[:, :, order], leads=names, units="uV")
    quality = checker.check(given)
    assert quality.rows()["lead"].tolist() == ["V1"]
    coarse = labelled(X[:, ::5], 100)
    assert checker.check(coarse).doubtful.tolist() == [False, False, True, False]
    with pytest.raises(ValueError, match="X is standardized, but limits are in mV"):
        checker.check(labelled(X, units="1"))


def test_gaps_are_findings_and_other_lengths_are_taken(X):
    gappy = X[:, :3000].copy()
    gappy[0, 100:200, 3] = np.nan
    quality = ECGQualityChecker(fs=500).fit(X).check(gappy)
    assert quality.found[0, 3, FINDINGS.index("gap")]
    np.testing.assert_array_equal(quality.found, assess_quality(gappy, 500.0).found)
