"""How many judged records are doubtful, and the model with and without them."""

import warnings

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from skecg import LVHReport, VoltageCriteria, evaluate_lvh, make_lvh_ecg
from skecg.evaluation._quality import NO_RECORDINGS


class ByVoltage(DummyClassifier):
    """Scores a record by the range of V5."""

    def predict_proba(self, X):
        size = np.ptp(np.asarray(X)[:, :, 10], axis=1) / 10
        return np.column_stack([1 - size, size])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.2).astype(int)


@pytest.fixture(scope="module", name="cohort")
def labelled_cohort():
    """Sixty labelled records; V1 of four has no signal, and V6 of three has hum."""
    cohort = make_lvh_ecg(60, fs=250, random_state=0, as_xarray=True)
    X = cohort.data.copy()
    X[:4, :, 6] = 0
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(X.sizes["time"]) / 250)
    X[3:6, :, 11] = X[3:6, :, 11] + hum
    return X, cohort.target


def judged(X, y, **options):
    """Evaluate the stub without what takes time."""
    model = ByVoltage().fit(np.zeros((2, 1)), [0, 1])
    options = {"criteria": (), "n_bootstrap": 20} | options
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*leads without a signal")
        return evaluate_lvh(model, X, y, **options)


def test_doubtful_records_are_warned_of_once_a_call(cohort):
    X, y = cohort
    model = make_pipeline(VoltageCriteria(), SimpleImputer(), GaussianNB())
    criteria = ["sokolow_lyon_voltage"]
    message = r"^4 of 60 records of X \(at 0, 1, 2, 3\) have leads without a signal"
    for options in ({"cv": 2}, {}):
        if not options:
            with pytest.warns(UserWarning, match=message):
                model.fit(X, y)
        with pytest.warns(UserWarning, match=message) as caught:
            evaluate_lvh(model, X, y, criteria=criteria, n_bootstrap=20, **options)
        assert len(caught) == 1


def test_records_with_and_without_findings_are_judged(cohort):
    X, y = cohort
    report = judged(X, y)
    rows = {row["records"]: row for row in report.tables["quality"]}
    n_doubtful = rows["doubtful"]["n_records"]
    assert n_doubtful >= 6
    assert rows["no finding"]["n_records"] == 60 - n_doubtful
    assert rows["no signal"]["n_records"] == 4
    assert rows["mains hum"]["n_records"] == 3
    assert 0 <= rows["no finding"]["auroc_low"] <= rows["no finding"]["auroc"] <= 1
    assert "specificity" in rows["no finding"]
    assert rows["no signal"]["note"] == "fewer than 10 records of a class"
    said = report.details["quality"]
    assert said.startswith(f"{n_doubtful} of 60 records are doubtful: ")
    assert "no signal in 4" in said


def test_plain_records_are_looked_at_where_their_rate_is_given(cohort):
    X, y = cohort
    expected = judged(X, y).tables["quality"]
    groups = X.coords["patient"].values
    plain = judged(X.values, y, fs=250, groups=groups)
    assert plain.tables["quality"] == expected
    without = judged(X.values, y)
    assert without.tables["quality"] == []
    assert "give fs to judge its quality" in without.details["quality"]


def test_what_are_no_recordings_has_no_quality_and_says_so(cohort):
    X, y = cohort
    report = LVHReport.from_predictions(y, np.linspace(0, 1, 60), n_bootstrap=20)
    assert report.tables["quality"] == []
    assert report.details["quality"] == NO_RECORDINGS
    standardized = judged(X.assign_attrs(units="1"), y)
    assert "X is standardized" in standardized.details["quality"]


def test_table_and_page_have_the_rows(cohort):
    pytest.importorskip("pandas")
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    report = judged(*cohort)
    assert report.quality.loc["mains hum", "n_records"] == 3
    page = report.to_html()
    assert "Quality of the recordings" in page
    assert "<td>mains hum</td><td>3</td>" in page
    assert report.details["quality"] in page
