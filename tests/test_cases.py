"""Faults that users of ECG software reported: the right value, or a clear refusal."""

import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
import xarray as xr
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skecg import (
    CriterionClassifier,
    ECGAugmenter,
    ECGConverter,
    ECGCropper,
    ECGFilter,
    ECGFlattener,
    ECGMeasurer,
    ECGScaler,
    ECGUnflattener,
    LVHCNNClassifier,
    LVHHybridClassifier,
    LVHReport,
    RecordSampler,
    ReliabilityDisplay,
    ResampledClassifier,
    RocBandDisplay,
    VoltageCriteria,
    check_leakage,
    evaluate_lvh,
    load_ecg_csv,
    load_pretrained,
    load_ptbxl,
    make_lvh_ecg,
    patient_bootstrap,
    read_wfdb_records,
)
from skecg.criteria import voltage_indices
from skecg.metrics import calibration_slope, delong_test
from skecg.signal import measure_records, resample_signal
from skecg.utils import flattened_leads

SHORT = make_lvh_ecg(40, fs=100, duration=4, random_state=0)
FAST = make_lvh_ecg(40, fs=500, duration=5, random_state=3)
QUICK = {"n_bootstrap": 5, "criteria": ()}
PATIENTS = np.arange(15700, 15720)


def network(**options):
    return LVHCNNClassifier(
        filters=(2,), kernel_sizes=3, epochs=1, random_state=0, **options
    )


def flat():
    return make_pipeline(ECGFlattener(), LogisticRegression())


def rule(criterion="sokolow_lyon_voltage", X=FAST.data):
    return CriterionClassifier(criterion, fs=500).fit(X, FAST.target)


# Patients and recordings are the same however they are typed


@pytest.mark.parametrize(
    "other",
    [
        PATIENTS.astype(float),
        PATIENTS.astype(str),
        PATIENTS.astype(float).astype(str),
        PATIENTS.astype(np.float32),
        [*PATIENTS],
        pd.Series(PATIENTS, dtype="Int64"),
        pd.Categorical(PATIENTS),
        PATIENTS.astype(bytes),
    ],
    ids=["float", "text", "text of floats", "float32", "list", "Int64", "category",
         "bytes"],
)  # fmt: skip
def test_patients_of_another_type_are_the_same(other):
    (finding,) = check_leakage(
        SHORT.data[:20],
        SHORT.data[20:],
        groups_train=PATIENTS,
        groups_test=other,
        on_leakage="ignore",
    )
    assert finding.startswith("20 patients are in the training and in the test records")


@pytest.mark.parametrize("lsb", [0.005, 0.0025, 0.00125, 0.0005, 0.000954])
@pytest.mark.parametrize("other", ["f4", ">f8", "F"])
def test_a_recording_is_the_same_in_another_precision(lsb, other):
    X = np.round(SHORT.data[:6].astype(float) / lsb) * lsb
    same = np.asfortranarray(X) if other == "F" else X.astype(other)
    (finding,) = check_leakage(X, same, on_leakage="ignore")
    assert finding.startswith("6 recordings are in the training and in the test")


MISSING = {
    "NaN": np.where(np.arange(40) < 30, np.nan, np.arange(40.0)),
    "Int64": pd.array([pd.NA] * 30 + [*range(10)], dtype="Int64"),
    "None": np.array([None] * 30 + [*range(10)], object),
    "text": np.array(["nan"] * 30 + [*map(str, range(10))]),
}


@pytest.mark.parametrize("groups", MISSING.values(), ids=MISSING.keys())
@pytest.mark.parametrize(
    "use",
    [
        lambda X, y, g: network(early_stopping=True).fit(X, y, groups=g),
        lambda X, y, g: ResampledClassifier(
            flat(), RecordSampler(RandomOverSampler())
        ).fit(X, y, groups=g),
        lambda X, y, g: check_leakage(X, X, groups_train=g, groups_test=g),
        lambda X, y, g: evaluate_lvh(flat().fit(X, y), X, y, groups=g, fs=100, **QUICK),
        lambda X, y, g: patient_bootstrap(np.mean, y, y, groups=g),
    ],
    ids=["network", "resampled", "leakage", "evaluate", "bootstrap"],
)
def test_missing_patients_are_not_one_patient(use, groups):
    with pytest.raises(ValueError, match="has missing patients: 30 of 40"):
        use(SHORT.data, SHORT.target, groups)


# Nothing measured is not zero

SPOILT = {
    "flat": lambda X: np.zeros_like(X),
    "3 uV of noise": lambda X: np.random.default_rng(0).normal(0, 0.003, X.shape),
    "a rail with flicker": lambda X: (
        32.767 - 0.001 * (np.arange(X.shape[1]) == 100)[:, None] * np.ones_like(X)
    ),
    "NaN": lambda X: np.full_like(X, np.nan),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
@pytest.mark.filterwarnings("ignore:.*leads without a signal")
def test_an_electrode_that_is_off_makes_no_negative_criterion(spoil):
    X = FAST.data[:10].astype(float)
    X[:, :, 6:] = spoil(X[:, :, 6:])
    said = rule().report(X)
    assert Counter(said.tolist()) == {"unavailable": 10}


def test_volts_make_no_negative_criterion():
    with pytest.warns(UserWarning, match=r"range over about 0\.00\d* mV"):
        assert set(rule().report(FAST.data[:10] / 1000)) == {"unavailable"}


def test_a_trained_pipeline_warns_of_an_electrode_that_is_off():
    X = make_lvh_ecg(4, fs=100, random_state=0).data
    X[:, :, 6:] = np.random.default_rng(0).normal(0, 0.003, X[:, :, 6:].shape)
    converter = load_pretrained("ptbxl_lstm")[:1]
    with pytest.warns(UserWarning, match="have leads without a signal"):
        converter.transform(X)


@pytest.mark.parametrize("amplitude", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("mains", [50, 60])
def test_hum_raises_no_voltage(amplitude, mains):
    X = FAST.data[:8].astype(float)
    hum = amplitude * np.sin(2 * np.pi * mains * np.arange(X.shape[1]) / 500 + 1)
    clean, noisy = (measure_records(x, 500) for x in (X, X + hum[:, None]))
    for name in ("R_V5", "S_V1", "R_aVL", "S_V3"):
        change = np.abs(noisy[name] - clean[name])
        assert np.nanmax(change, initial=0) < 0.05


def test_ten_times_millivolts_are_doubtful():
    scaler = ECGScaler().fit(SHORT.data)
    for factor in (10, 5, 0.2, 0.1):
        with pytest.warns(UserWarning, match="times as large as those that ECGScaler"):
            scaler.transform(factor * SHORT.data)


# Global settings change nothing


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_the_global_container_changes_nothing(container):
    pytest.importorskip(container)
    X, y = SHORT.data[:12], SHORT.target[:12]
    for model in (network(), VoltageCriteria(fs=100)):
        use = "predict_proba" if hasattr(model, "predict_proba") else "transform"
        plain = getattr(model.fit(X, y), use)(X)
        with sklearn.config_context(transform_output=container):
            output = np.asarray(getattr(model.fit(X, y), use)(X))
        np.testing.assert_array_equal(output, plain)


def test_channels_first_changes_no_network():
    keras = pytest.importorskip("keras")
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        fitted = network().fit(SHORT.data, SHORT.target)
    finally:
        keras.config.set_image_data_format(before)
    layers = fitted.estimator_.model_.layers
    kernels = [layer.kernel.shape for layer in layers if "conv1d" in layer.name]
    assert kernels[0] == (3, 12, 2)
    again = network().fit(SHORT.data, SHORT.target)
    np.testing.assert_array_equal(
        again.predict_proba(SHORT.data), fitted.predict_proba(SHORT.data)
    )


# What is known of patients is read where its meaning is certain


@pytest.mark.parametrize(
    "conduction",
    [["no"] * 40, np.full(40, np.nan), ["yes"] * 40, [None] * 40, [2] * 40],
    ids=["no", "NaN", "yes", "None", "2"],
)
def test_conduction_that_is_not_true_or_false_is_an_error(conduction):
    model = flat().fit(SHORT.data, SHORT.target)
    for use in (
        lambda c: evaluate_lvh(
            model, SHORT.data, SHORT.target, conduction=c, fs=100, **QUICK
        ),
        lambda c: rule().report(FAST.data, sex=FAST.sex, conduction=c),
        lambda c: LVHReport.from_predictions(
            SHORT.target, SHORT.target * 0.5, conduction=c, **QUICK
        ),
    ):
        with pytest.raises(ValueError, match="conduction must be True or False"):
            use(conduction)


def test_a_table_of_ptbxl_written_again_is_read(tmp_path):
    cohort = make_lvh_ecg(2, fs=100, random_state=0)
    counts = (1000 * cohort.data).round().astype("<i2")
    for k, record in enumerate(counts):
        record.tofile(tmp_path / f"{k}_lr.dat")
        lines = [
            f"{k}_lr.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in cohort.lead_names
        ]
        header = [f"{k}_lr 12 100 {len(record)}", *lines]
        (tmp_path / f"{k}_lr.hea").write_text("\n".join(header) + "\n")
    table = pd.DataFrame(
        {
            "ecg_id": [1, 2],
            "patient_id": [1.0, 2.0],
            "age": ["056Y", "> 89"],
            "sex": ["male", "female"],
            "scp_codes": ["{'LVH': 100}"] * 2,
            "strat_fold": 1,
            "filename_lr": ["0_lr", "1_lr"],
        }
    )
    table.to_csv(tmp_path / "ptbxl_database.csv")
    read = load_ptbxl(tmp_path, fs=100.0)
    assert read.sex.tolist() == [0, 1]
    assert read.age.tolist() == [56, 90]
    statements = pd.DataFrame({"code": ["LVH"], "diagnostic_class": ["HYP"]})
    statements.to_csv(tmp_path / "scp_statements.csv")
    assert load_ptbxl(tmp_path, label="hyp").target.tolist() == [1, 1]
    table.loc[0, "filename_lr"] = np.nan
    table.to_csv(tmp_path / "ptbxl_database.csv")
    with pytest.warns(UserWarning, match="1 of 2 records were skipped"):
        assert len(load_ptbxl(tmp_path, on_error="skip").data) == 1


# The order of leads


@pytest.mark.parametrize(
    "order",
    [[0, 1, 2, 3, 5, 4], [0, 1, 2, 4, 3, 5], [1, 0, 2, 3, 4, 5], [0, 2, 1, 3, 4, 5]],
    ids=["aVL and aVF", "aVR and aVL", "I and II", "II and III"],
)
def test_limb_leads_in_another_order_are_told(order):
    X = FAST.data[:, :, [*order, *range(6, 12)]]
    converter = ECGConverter(target_fs=500).fit(FAST.data)
    for use in (converter.transform, lambda X: rule("cornell_voltage").report(X)):
        with pytest.warns(UserWarning, match="limb leads that contradict each other"):
            use(X)


# Text


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["0,1 0,25 -0,3 0,4"] * 2, "row 0 seems to have commas inside numbers"),
        (["0,1;0,25;-0,3;0,4"] * 2, "row 0"),
        (["0.1,,0.3,0.4", "0.1,0.2,,0.4"], "row 0"),
        (["0.1, ,0.3,0.4", "0.1,0.2,0.3,0.4"], "row 0"),
        (["0.1,nan,0.3,0.4", "0.1,0.2,0.3,0.4"], "row 0"),
        (["0.1 mV,0.2 mV", "0.1 mV,0.2 mV"], "row 0"),
        (["1.000,1 2.000,2", "1.000,1 2.000,2"], "row 0"),
    ],
    ids=["comma", "semicolon", "hole", "blank", "nan", "unit", "thousands"],
)
def test_text_that_is_no_list_of_numbers_becomes_no_other_number(cells, message):
    table = pd.DataFrame({"ECG_signal": cells, "label": [0, 1]})
    with pytest.raises(ValueError, match=message):
        load_ecg_csv(table)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [("LVH", "NORM"), ("lvh", "normal"), ("HYP", "healthy"), ("Hypertrophy", "None")],
)
def test_text_labels_are_not_upside_down(positive, negative):
    y = np.where(FAST.target == 1, positive, negative)
    score = np.linspace(0, 1, 40)
    with pytest.raises(ValueError, match="positive_label"):
        LVHReport.from_predictions(y, score, **QUICK)
    report = LVHReport.from_predictions(y, score, positive_label=positive, **QUICK)
    assert report.participants["n_records"]["LVH"] == FAST.target.sum()


def test_a_criterion_says_lvh_of_a_positive_record():
    y = np.where(FAST.target == 1, "LVH", "NORM")
    model = CriterionClassifier("sokolow_lyon_voltage", fs=500).fit(FAST.data, y)
    said = np.where(model.report(FAST.data) == "positive", "LVH", "NORM")
    np.testing.assert_array_equal(model.predict(FAST.data), said)


# Messages name the argument, and the time does not depend on the rate

X, Y = SHORT.data[:20], SHORT.target[:20]
WORDS = {
    "one path": (
        lambda: read_wfdb_records("/data/a"),
        r"records must be a list of paths, but got one, '/data/a'; give \['/data/a'\]",
    ),
    "labels with pd.NA": (
        lambda: network().fit(X, pd.Series([pd.NA, *"ab" * 9, "a"], dtype="string")),
        "y has missing labels: 1 of 20",
    ),
    "labels in tuples": (
        lambda: calibration_slope(np.array([(1,), 0, 1, None], object)[:3], [0.1] * 3),
        "y_true has sequences among its labels",
    ),
    "a list of columns": (
        lambda: load_ecg_csv(
            pd.DataFrame({"I": [[0.1]], "label": [0]}), signal_column=["I", "II"]
        ),
        "signal_column, label_column and group_column name one column each",
    ),
}


@pytest.mark.parametrize(("use", "message"), WORDS.values(), ids=WORDS.keys())
def test_messages_name_the_argument(use, message):
    with pytest.raises((TypeError, ValueError), match=message):
        use()


@pytest.mark.parametrize("y", [[0.5, "a"] * 10, [None, "a"] * 10, [(1,), "a"] * 10])
def test_samplers_refuse_labels_of_no_kind(y):
    labels = np.empty(20, dtype=object)
    labels[:] = y
    for sampler in (ECGAugmenter(fs=100), RecordSampler(RandomOverSampler())):
        with pytest.raises(ValueError, match="y (has|mixes)"):
            sampler.fit_resample(X, labels)


def test_patients_of_mixed_types_are_read():
    ids = np.array([i if i % 2 else str(i) for i in range(20)], object)
    network(early_stopping=True).fit(X, Y, groups=ids)


def test_a_subgroup_may_be_unknown():
    site = np.array([None] + ["A"] * 19, object)
    LVHReport.from_predictions(Y, Y * 0.5, subgroups={"site": site}, **QUICK)


def test_folds_may_be_a_number_of_numpy():
    report = evaluate_lvh(flat(), X, Y, cv=np.int64(2), fs=100, **QUICK)
    assert report.participants["n_records"].sum() >= 20


@pytest.mark.parametrize("fs", [249.89, 239.97, 499.9, 499.907, 333.333333, 257.003])
def test_odd_rates_are_resampled_as_fast_as_round_ones(fs):
    def seconds(rate):
        X = np.zeros((20, round(10 * rate), 12), np.float32)
        start = time.process_time()
        resample_signal(X, rate, 100, n_jobs=1)
        return time.process_time() - start

    assert min(seconds(fs) for _ in range(2)) < 20 * max(seconds(500), 0.02)


# Voltages, classes and scores are what they are taken for


def unscaled():
    return network().fit(SHORT.data, SHORT.target).predict_proba


def flattened():
    return flat().fit(SHORT.data, SHORT.target).predict_proba


def from_table(estimator, names=True):
    measurer = ECGMeasurer(fs=500).fit(FAST.data)
    table = measurer.transform(FAST.data)
    columns = measurer.get_feature_names_out()
    volts = [str(name)[:2] in ("Q_", "R_", "S_") for name in columns]
    frame = pd.DataFrame(table, columns=columns)
    fitted = estimator.fit(frame if names else table, FAST.target)

    def use(factor):
        # Rows that do not reach the 20 mV at which a single value is refused.
        scaled = np.where(volts, factor, 1.0) * table
        scaled = scaled[(scaled[:, volts] <= 20).all(axis=1)]
        scaled = pd.DataFrame(scaled, columns=columns) if names else scaled
        return (getattr(fitted, "report", None) or fitted.transform)(scaled)

    return use


VOLTAGES = {
    "network": lambda: lambda k: unscaled()(k * SHORT.data),
    "table of samples": lambda: lambda k: flattened()(k * SHORT.data),
    "criterion of a table": lambda: from_table(rule("sokolow_lyon_voltage")),
    "criterion of a plain table": lambda: from_table(rule("lewis"), names=False),
    "indices of a table": lambda: from_table(VoltageCriteria()),
    "indices of records": lambda: (
        lambda k: voltage_indices(measure_records(k * FAST.data, 500))
    ),
}


@pytest.mark.parametrize("factor", [9, 0.1])
@pytest.mark.parametrize("use", VOLTAGES.values(), ids=VOLTAGES.keys())
def test_another_voltage_than_learned_or_possible_is_told(use, factor):
    use = use()
    use(1)  # without a warning, which is an error
    with pytest.warns(UserWarning, match="times as large|of ECGs"):
        use(factor)


SCALERS = {
    "division": FunctionTransformer(lambda X: X / 0.2),
    "per lead": FunctionTransformer(
        lambda X: StandardScaler().fit(SHORT.data.reshape(-1, 12)).transform(
            X.reshape(-1, 12)
        ).reshape(X.shape)
    ),
}  # fmt: skip


@pytest.mark.parametrize("factor", [9, 0.1])
@pytest.mark.parametrize("scaler", SCALERS.values(), ids=SCALERS.keys())
def test_another_voltage_is_told_behind_any_scaler(scaler, factor):
    model = make_pipeline(scaler, flat()).fit(SHORT.data, SHORT.target)
    with pytest.warns(UserWarning, match="those that ECGFlattener was fitted on"):
        model.predict_proba(factor * SHORT.data)


def labelled(X, fs):
    coordinates = {"time": np.arange(X.shape[1]) / fs, "lead": [*SHORT.lead_names]}
    attributes = {"units": "mV"}
    return xr.DataArray(X, coordinates, ("record", "time", "lead"), attrs=attributes)


IN_STEPS = {
    "scaler": [ECGScaler()],
    "global": [ECGScaler("global")],
    "cropped": [ECGFilter(fs=100), ECGScaler(), ECGCropper(3, fs=100)],
    "flattened and back": [ECGFlattener(), ECGUnflattener(), ECGScaler()],
}


@pytest.mark.parametrize("kind", [np.asarray, lambda X: labelled(X, 100)])
@pytest.mark.parametrize("steps", IN_STEPS.values(), ids=IN_STEPS.keys())
def test_another_voltage_is_told_once_a_call(steps, kind):
    model = clone(make_pipeline(*steps, *flat())).fit(kind(SHORT.data), SHORT.target)
    X = kind(9 * SHORT.data)
    for _ in range(2):
        with pytest.warns(UserWarning, match="times as large") as told:
            model.predict_proba(X)
        assert len(told) == 1
    scaled = model[:1].transform(kind(SHORT.data))  # what was not doubtful may become
    if isinstance(scaled, np.ndarray):
        scaled *= 9
        with pytest.warns(UserWarning, match="times as large"):
            model[1:].predict_proba(scaled)


@pytest.mark.parametrize("kind", [np.asarray, lambda X: labelled(X, 500)])
def test_the_hybrid_tells_another_voltage_once(kind):
    network = make_pipeline(ECGScaler(), *flat())
    hybrid = LVHHybridClassifier(network, n_jobs=1).fit(kind(FAST.data), FAST.target)
    for factor in (9, 0.1):
        X = kind(factor * FAST.data)
        for _ in range(2):
            with pytest.warns(UserWarning, match="those that LVHHybrid") as told:
                hybrid.predict_proba(X)
            assert len(told) == 1


def test_validation_records_of_another_voltage_are_told():
    scaled = ECGScaler().fit_transform(SHORT.data)
    with pytest.warns(UserWarning, match="times as large as those that LVHCNN"):
        network().fit(scaled, SHORT.target, X_val=SHORT.data, y_val=SHORT.target)


def test_a_criterion_names_all_doubts_in_one_warning():
    X = 10 * FAST.data
    X[2, :, 6] = 0
    with pytest.warns(UserWarning, match="range over about .*; 1 of 40 .*V1 in record"):
        rule().report(X)


ROWS = {
    "of 12": (slice(None), 12),
    "of the limb": (slice(6), 6),
    "in MIMIC's order": ([0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11], 12),
    "independent": ([0, 1, 6, 7, 8, 9, 10, 11], 8),
    "two": ([6, 10], 2),
    "three limb": (slice(3), 3),
    "three": ([1, 6, 10], 3),
    "fifteen": ([*range(12), 7, 8, 9], 15),
    "in Cabrera's order": ([4, 0, 3, 1, 5, 2, 6, 7, 8, 9, 10, 11], 12),
    "chest first": ([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5], 12),
}


@pytest.mark.parametrize("lead_major", [False, True])
@pytest.mark.parametrize(("leads", "n_leads"), ROWS.values(), ids=ROWS.keys())
def test_flattened_leads_are_no_single_lead(leads, n_leads, lead_major):
    X = SHORT.data[:, :, leads]
    rows = (X.transpose(0, 2, 1) if lead_major else X).reshape(len(X), -1)
    for estimator in (ECGScaler(), network(), ECGFilter(fs=100), flat()):
        with pytest.raises(ValueError, match=f"seem to hold {n_leads} leads; give"):
            estimator.fit(rows, SHORT.target)
    with pytest.raises(ValueError, match=f"seem to hold {n_leads} leads; give"):
        ECGScaler().fit(rows[:, :, np.newaxis])
    unflattener = ECGUnflattener(n_leads=n_leads)
    if lead_major:
        with pytest.raises(ValueError, match=f"hold its {n_leads} leads one after"):
            unflattener.fit(rows)
    else:
        np.testing.assert_array_equal(unflattener.fit_transform(rows), X)


@pytest.mark.parametrize("lead_major", [False, True])
@pytest.mark.parametrize("leads", [slice(6, 12), [0, 1, 6, 7, 8, 9, 10, 11]])
def test_a_single_row_of_six_or_eight_leads_is_no_single_lead(leads, lead_major):
    X = FAST.data[:20, :, leads]
    rows = (X.transpose(0, 2, 1) if lead_major else X).reshape(len(X), -1)
    told = {flattened_leads(row[np.newaxis]) for row in rows}
    assert told <= {(X.shape[2], lead_major), (1, False)}
    assert (X.shape[2], lead_major) in told
    for lead in range(12):  # one of 5 s, and 20 of them joined
        for row in (FAST.data[0, :2400, lead], FAST.data[:20, :, lead].ravel()):
            assert flattened_leads(row[np.newaxis]) == (1, False)


def test_one_lead_is_one_lead_in_hum_and_in_noise():
    t = np.arange(2400) / 400
    rng = np.random.default_rng(0)
    hum = np.sin(2 * np.pi * 50 * t) + 0.01 * rng.normal(size=(3, 2400))
    for rows in (
        hum,
        rng.normal(size=(3, 2400)),
        np.ones((2, 2400)),
        FAST.data[..., 1],
    ):
        ECGScaler().fit(rows[:, : rows.shape[1] // 24 * 24])


@pytest.mark.parametrize(
    "classes",
    [(1, 2), (2.0, 3.0), ("1", "2"), ("A", "B"), ("group 1", "group 2")],
)
def test_classes_that_do_not_say_which_is_positive_are_not_guessed(classes):
    y = np.where(FAST.target == 1, *classes)
    score = np.linspace(0, 1, 40)
    for use in (
        lambda **label: LVHReport.from_predictions(y, score, **QUICK, **label),
        lambda **label: RocBandDisplay.from_predictions(y, score, **label),
        lambda **label: delong_test(y, score, score[::-1], **label),
    ):
        with pytest.raises(ValueError, match="don't say which is the positive one"):
            use()
        use(positive_label=classes[0])
    criterion = CriterionClassifier("sokolow_lyon_voltage", fs=500)
    with pytest.warns(UserWarning, match="don't say which .* The second is taken"):
        criterion.fit(FAST.data, y)
    criterion.set_params(positive_label=classes[0]).fit(FAST.data, y)


def test_scores_of_a_decision_function_have_no_calibration():
    class Margin(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def decision_function(self, X):
            return np.linspace(0.1, 0.9, len(X))

        def predict(self, X):
            return self.classes_[(self.decision_function(X) > 0.5).astype(int)]

    model = Margin().fit(SHORT.data, SHORT.target)
    reports = [
        evaluate_lvh(model, SHORT.data, SHORT.target, fs=100, **QUICK),
        evaluate_lvh(model, SHORT.data, SHORT.target, cv=2, fs=100, **QUICK),
        LVHReport.from_predictions(
            SHORT.target, np.linspace(0, 1, 40), probabilities=False, **QUICK
        ),
    ]
    for report in reports:
        assert "brier_score" not in report.summary.index
        assert not report.tables["decision_curve"]
        with pytest.raises(ValueError, match="needs probabilities"):
            ReliabilityDisplay.from_report(report)
    with pytest.raises(ValueError, match="needs probabilities"):
        ReliabilityDisplay.from_estimator(model, SHORT.data, SHORT.target)
    with pytest.raises(ValueError, match="y_score must be from 0 to 1"):
        LVHReport.from_predictions(
            SHORT.target, np.arange(40), probabilities=True, **QUICK
        )


def test_a_rate_that_contradicts_the_label_is_refused_without_criteria():
    X = make_lvh_ecg(20, fs=100, duration=4, random_state=0, as_xarray=True).data
    y = np.repeat([0, 1], 10)
    with pytest.raises(ValueError, match="fs=500 contradicts X, which is labelled"):
        evaluate_lvh(flat().fit(X, y), X, y, fs=500, **QUICK)
