"""The same fact is read by the same rule at every public entry that takes it."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from skecg import (
    CriterionClassifier,
    ECGFlattener,
    ECGMeasurer,
    LVHCNNClassifier,
    LVHHybridClassifier,
    LVHReport,
    MedianBeatDisplay,
    RecordSampler,
    ResampledClassifier,
    RocBandDisplay,
    VoltageCriteria,
    check_leakage,
    evaluate_lvh,
    make_lvh_ecg,
)
from skecg.criteria import encode_sex, perugia, threshold_of, voltage_indices
from skecg.metrics import delong_test, patient_bootstrap

N = 20
COHORT = make_lvh_ecg(N, fs=100, duration=4, random_state=0)
X, Y = COHORT.data, COHORT.target
pytest.importorskip("xarray", reason="xarray is of the extra 'xarray'")
LABELLED = make_lvh_ecg(N, fs=100, duration=4, random_state=0, as_xarray=True).data
SCORE = np.linspace(0, 1, N)
WAVES = pd.DataFrame({"R_aVL": [1.2] * N, "S_V3": [1.2] * N})
QUICK = {"n_bootstrap": 5, "criteria": ()}


def network():
    return LVHCNNClassifier(
        filters=(2,), kernel_sizes=3, epochs=1, early_stopping=True, random_state=0
    )


def flat():
    return make_pipeline(ECGFlattener(), LogisticRegression())


def hybrid():
    return LVHHybridClassifier(flat(), LogisticRegression(), fs=100, n_jobs=1)


def labelled(name, values):
    """Return records with a coordinate, which need not be numbers."""
    return LABELLED.assign_coords({name: ("record", np.asarray(values, dtype=object))})


def report(**facts):
    return LVHReport.from_predictions(Y, SCORE, **facts, **QUICK)


def evaluate(records=X, **facts):
    return evaluate_lvh(flat().fit(X, Y), records, Y, fs=100, **facts, **QUICK)


def beat(**facts):
    first = {name: values[0] for name, values in facts.items()}
    return MedianBeatDisplay.from_record(X[0], fs=100, **first)


def rule(criterion="cornell_voltage", **columns):
    return CriterionClassifier(criterion).fit(WAVES.assign(**columns), Y)


ENTRIES = {
    "groups": {
        "fit": lambda g: network().fit(X, Y, groups=g),
        "fit of labels": lambda g: network().fit(labelled("patient", g), Y),
        "resampled": lambda g: ResampledClassifier(
            network(), RecordSampler(RandomOverSampler())
        ).fit(X, Y, groups=g),
        "leakage": lambda g: check_leakage(X, X, groups_train=g, groups_test=g),
        "leakage of labels": lambda g: check_leakage(
            labelled("patient", g), labelled("patient", g)
        ),
        "report": lambda g: report(groups=g),
        "evaluate": lambda g: evaluate(groups=g),
        "evaluate, training": lambda g: evaluate(
            groups=np.arange(N), X_train=X, groups_train=g
        ),
        "bootstrap": lambda g: patient_bootstrap(roc_auc_score, Y, SCORE, groups=g),
        "delong": lambda g: delong_test(Y, SCORE, SCORE, groups=g),
        "display": lambda g: RocBandDisplay.from_predictions(Y, SCORE, groups=g),
    },
    "sex": {
        "report": lambda s: report(sex=s),
        "evaluate": lambda s: evaluate(sex=s),
        "evaluate of labels": lambda s: evaluate(labelled("sex", s)),
        "hybrid": lambda s: hybrid().fit(X, Y, sex=s),
        "hybrid of labels": lambda s: hybrid().fit(labelled("sex", s), Y),
        "criterion": lambda s: rule().predict(WAVES, sex=s),
        "criterion of a table": lambda s: rule(sex=0).predict(WAVES.assign(sex=s)),
        "indices": lambda s: VoltageCriteria().fit(WAVES).transform(WAVES, sex=s),
        "measurer": lambda s: ECGMeasurer(n_jobs=1).fit_transform(labelled("sex", s)),
        "voltage_indices": lambda s: voltage_indices(WAVES, s),
        "perugia": lambda s: perugia(WAVES, s),
        "threshold_of": lambda s: threshold_of("cornell_voltage", s),
        "encode_sex": encode_sex,
        "display": lambda s: beat(sex=s),
    },
    "age": {
        "report": lambda a: report(age=a),
        "evaluate": lambda a: evaluate(age=a),
        "evaluate of labels": lambda a: evaluate(labelled("age", a)),
        "hybrid": lambda a: hybrid().fit(X, Y, age=a),
        "hybrid of labels": lambda a: hybrid().fit(labelled("age", a), Y),
        "measurer": lambda a: ECGMeasurer(n_jobs=1).fit_transform(labelled("age", a)),
        "table": lambda a: VoltageCriteria().fit(WAVES.assign(age=a)),
        "display": lambda a: beat(age=a),
    },
    "conduction": {
        "report": lambda c: report(conduction=c),
        "evaluate": lambda c: evaluate(conduction=c),
        "evaluate of labels": lambda c: evaluate(labelled("conduction", c)),
        "criterion": lambda c: rule("lewis").report(WAVES, conduction=c),
        "criterion of a table": lambda c: rule("lewis", conduction=False).report(
            WAVES.assign(conduction=c)
        ),
        "display": lambda c: beat(conduction=[c[:1]]),
    },
}

BAD = {
    "groups": (
        [None, np.nan, pd.NA, pd.NaT, "", "nan", "None", "<NA>"],
        "has missing patients",
    ),
    "sex": ([2, True, 0.5, "w", "divers"], 'must be 0 or "male", 1 or "female"'),
    "age": ([-1, 1956, 20000, 121, "56,5", "56M", True], "must be years from 0 to 120"),
    "conduction": ([np.nan, None, "no", 2, ""], "must be True or False for each"),
}

CASES = [
    pytest.param(entry, value, BAD[fact][1], id=f"{fact}-{name}-{value!r}")
    for fact, entries in ENTRIES.items()
    for name, entry in entries.items()
    for value in BAD[fact][0]
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("entry", "value", "message"), CASES)
def test_every_entry_refuses_what_is_not_certain(entry, value, message):
    values = np.empty(N, dtype=object)
    values[:] = [value] * N
    with pytest.raises(ValueError, match=message):
        entry(values)


@pytest.mark.parametrize("other", [float, str, np.float32, object], ids=str)
def test_patients_on_both_sides_are_found_however_they_are_typed(other):
    ids = np.arange(15700, 15700 + N // 2)
    (finding,) = check_leakage(
        X[: N // 2],
        X[N // 2 :],
        groups_train=ids,
        groups_test=ids.astype(other),
        on_leakage="ignore",
    )
    assert finding.startswith("10 patients are in the training and in the test")


@pytest.mark.parametrize(("positive", "negative"), [("LVH", "NORM"), ("lvh", "no lvh")])
def test_labels_are_nowhere_upside_down(positive, negative):
    y = np.where(Y == 1, positive, negative)
    for entry in (
        lambda **label: LVHReport.from_predictions(y, SCORE, **label, **QUICK),
        lambda **label: RocBandDisplay.from_predictions(
            y, SCORE, n_bootstrap=5, **label
        ),
        lambda **label: delong_test(y, SCORE, SCORE, **label),
    ):
        with pytest.raises(ValueError, match="positive_label"):
            entry()
        entry(positive_label=positive)
