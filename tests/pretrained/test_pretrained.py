"""The trained pipelines of the package: what they take, what they say, their files."""

import json
import re
import subprocess
import sys

import joblib
import numpy as np
import pytest
from scipy.special import logit
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

import skecg
from skecg import (
    load_pretrained,
    load_ptbxl,
    make_lvh_ecg,
    pretrained_card,
    recalibrate,
)
from skecg.classification._hybrid import wave_table
from skecg.pretrained._card import FOLDER, pretrained_names
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES
from skecg.training._start import FOLDER as WEIGHTS
from tests.conftest import _restore

NAMES = pretrained_names()
MOST_BYTES = 12e6

with_files = pytest.mark.skipif(
    not NAMES, reason="the package has no trained pipelines yet"
)
each_name = pytest.mark.parametrize("name", NAMES)
SINGLE = [name for name in NAMES if "members" not in pretrained_card(name)]
HYBRIDS = [name for name in NAMES if name not in SINGLE]
each_single = pytest.mark.parametrize("name", SINGLE)
LEADS = {name: pretrained_card(name)["expects"]["leads"] for name in NAMES}
FEWER = [name for name in NAMES if len(LEADS[name]) < 12]


def _with_leads(X, name):
    """Return those of twelve leads that a pipeline takes."""
    return X[:, :, [LEAD_NAMES.index(lead) for lead in LEADS[name]]]


@pytest.fixture(scope="module")
def cohort():
    """Records (30, 1000, 12) at 100 Hz, half with LVH."""
    return make_lvh_ecg(30, fs=100, prevalence=0.5, random_state=0)


@pytest.fixture(scope="module")
def model():
    return load_pretrained()


def _labelled(fs, duration=10):
    xr = pytest.importorskip("xarray")
    cohort = make_lvh_ecg(
        6, fs=fs, duration=duration, noise=0.0, random_state=0, as_xarray=True
    )
    assert isinstance(cohort.data, xr.DataArray)
    return cohort.data


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    for function in (load_pretrained, pretrained_card):
        with pytest.raises(
            ValueError, match=rf"'echo' is no .* {re.escape(str(NAMES))}"
        ):
            function("echo")
        with pytest.raises(ValueError, match="is no trained pipeline"):
            function("../pretrained/ptbxl")


@each_name
def test_it_is_a_fitted_pipeline_of_the_form_that_its_card_states(name, cohort):
    loaded = load_pretrained(name)
    assert isinstance(loaded, Pipeline)
    check_is_fitted(loaded)
    for step in loaded:
        check_is_fitted(step)
    expects = pretrained_card(name)["expects"]
    assert expects == {
        "fs": 100.0,
        "unit": "mV",
        "leads": [lead for lead in LEAD_NAMES if lead in expects["leads"]],
        "duration": 10.0,
    }
    probability = loaded.predict_proba(_with_leads(cohort.data, name))
    assert probability.shape == (30, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert loaded.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("name", HYBRIDS)
def test_hybrids_combine_calibrated_networks_with_trees(name, cohort):
    card = pretrained_card(name)
    X, patients = cohort.data, {"sex": cohort.sex, "age": cohort.age}
    hybrid = load_pretrained(name)[-1]
    each = [load_pretrained(member).predict_proba(X) for member in card["members"]]
    networks = np.mean(each, axis=0)
    np.testing.assert_allclose(hybrid.network_.predict_proba(X), networks, atol=1e-12)
    table = wave_table(hybrid.criteria_, X, **patients)[:, hybrid._places]
    trees = hybrid.tabular_.predict_proba(table)
    learned = card["pipeline"]["hybrid"]
    slope, intercept = learned["calibration"]
    weight = learned["weight"]
    odds = weight * logit(networks[:, 1]) + (1 - weight) * logit(trees[:, 1])
    np.testing.assert_allclose(
        hybrid.decision_function(X, **patients), slope * odds + intercept, atol=1e-6
    )


@pytest.mark.parametrize("name", HYBRIDS)
@pytest.mark.parametrize("backend", ["keras", "onnx"])
def test_sex_and_age_come_from_labels_or_arguments_or_are_unknown(
    name, backend, cohort
):
    if backend == "onnx":
        pytest.importorskip("onnxruntime")
    model = load_pretrained(name, backend=backend)
    X = make_lvh_ecg(30, fs=100, prevalence=0.5, random_state=0, as_xarray=True).data
    known = model.predict_proba(X)
    plain = {"sex": cohort.sex, "age": cohort.age}
    np.testing.assert_allclose(model.predict_proba(X.values, **plain), known, atol=1e-9)
    unknown = model.predict_proba(X.values)  # without a warning
    np.testing.assert_array_equal(
        model.predict_proba(X.values, sex=[np.nan] * 30, age=[np.nan] * 30), unknown
    )
    assert np.abs(unknown - known).max() > 1e-3


@each_name
def test_log_odds_are_calibrated_as_the_card_states(name, cohort):
    card = pretrained_card(name)
    assert set(card["calibration"]["folds"]) <= set(range(1, 9))
    assert "recalibrate" in card["prevalence"]["another"]
    last = load_pretrained(name)[-1]
    learned = card["pipeline"].get("hybrid") or card["pipeline"]["classifier"]
    assert last.calibration_ == tuple(learned["calibration"])


def test_own_records_recalibrate_a_model_and_keep_its_ranking(cohort):
    loaded = load_pretrained("ptbxl_cnn")
    X = make_lvh_ecg(30, fs=100, prevalence=0.5, random_state=0, as_xarray=True).data
    y = cohort.target
    found = recalibrate(loaded, X, y)
    before, after = (model.predict_proba(X)[:, 1] for model in (loaded, found))
    assert (np.argsort(before) == np.argsort(after)).all()
    assert after.mean() == pytest.approx(y.mean(), abs=0.05)
    odds = logit(after)
    slope, intercept = np.polyfit(logit(before), odds, 1)
    np.testing.assert_allclose(odds, slope * logit(before) + intercept, atol=1e-6)


@pytest.mark.parametrize("y", [[0] * 40, [0, 1] * 4, ["LVH", "NORM"] * 20, [0, 1, 2]])
def test_labels_that_recalibrate_nothing_are_told_with_their_counts(y):
    model = DummyClassifier().fit([[0], [0]], [0, 1])
    with pytest.raises(ValueError, match=rf"at least 5 .*\{{0: .* of {len(y)} are"):
        recalibrate(model, np.zeros((len(y), 1)), y)


@each_name
def test_tall_voltage_gets_a_higher_probability_than_usual_voltage(name, cohort):
    loaded = load_pretrained(name)
    X = _with_leads(cohort.data, name)
    usual = X[cohort.target == 0]
    said = "times as large as those that ECGConverter was"
    with pytest.warns(UserWarning, match=said) as told:
        tall = loaded.predict_proba(2.5 * usual)[:, 1]
    assert len(told) == 1
    assert (tall > loaded.predict_proba(usual)[:, 1]).mean() > 0.9
    probability = loaded.predict_proba(X)[:, 1]
    assert roc_auc_score(cohort.target, probability) > 0.8


# What comes in


@with_files
def test_a_rate_of_500_hz_is_converted(model):
    of_100, of_500 = _labelled(100), _labelled(500)
    resampled = model.predict_proba(of_500)[:, 1]
    np.testing.assert_allclose(resampled, model.predict_proba(of_100)[:, 1], atol=0.05)


@with_files
def test_unit_lead_order_derived_leads_and_length_are_converted(model):
    X = _labelled(100)
    expected = model.predict_proba(X)[:, 1]
    patients = {"sex": X.sex.values, "age": X.age.values}
    plain = model.predict_proba(X.values, **patients)[:, 1]
    np.testing.assert_array_equal(plain, expected)
    forms = {
        "uV": (1000 * X).assign_attrs(units="uV"),
        "order": X[:, :, ::-1],
        "eight leads": X.sel(lead=list(INDEPENDENT_LEADS)),
    }
    for form, records in forms.items():
        probability = model.predict_proba(records)[:, 1]
        np.testing.assert_allclose(probability, expected, atol=1e-4, err_msg=form)
    longer = _labelled(100, duration=14)
    middle = longer.values[:, 200:1200]
    patients = {"sex": longer.sex.values, "age": longer.age.values}
    middle = model.predict_proba(middle, **patients)[:, 1]
    np.testing.assert_array_equal(model.predict_proba(longer)[:, 1], middle)


@pytest.mark.parametrize("name", FEWER)
def test_a_pipeline_of_fewer_leads_takes_them_by_name_from_others(name):
    loaded, X = load_pretrained(name), _labelled(100)
    plain = _with_leads(X.values, name)
    expected = loaded.predict_proba(plain)
    forms = (X, X[:, :, ::-1], X.sel(lead=LEADS[name]))
    for records in (*forms, *([plain[:, :, 0]] if plain.shape[2] == 1 else [])):
        np.testing.assert_allclose(loaded.predict_proba(records), expected, atol=1e-6)
    with pytest.raises(ValueError, match=f"12 leads.* expecting {plain.shape[2]} lead"):
        loaded.predict_proba(X.values)
    with pytest.raises(ValueError, match="I'.* needed|needed"):
        loaded.predict_proba(X.sel(lead=["V1", "V2"]))


@with_files
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda X: np.repeat(X, 5, axis=1),
            r"X has 5000 features.*ECGResampler\(target",
        ),
        (lambda X: X[:, :800], r"X has 800 features.*10 s at 100 Hz.*ECGCropper"),
        (lambda X: X[:, :, :8], r"X has 8 leads.*label X with its time and leads"),
        (lambda X: X.transpose(0, 2, 1), "X has 12 features|transpose"),
        (lambda X: 1000 * X, "as if microvolts"),
        (lambda X: X / 1000, "as if volts"),
        (lambda X: X[0], r"give it as X\[np\.newaxis\]"),
    ],
)
def test_plain_records_that_do_not_fit_are_an_error(model, cohort, change, message):
    with pytest.raises(ValueError, match=message):
        model.predict_proba(change(cohort.data))


@with_files
def test_labelled_records_that_can_not_be_converted_are_an_error(model):
    X = _labelled(100)
    with pytest.raises(ValueError, match=r"\['V6'\] are needed"):
        model.predict_proba(X[:, :, :11])
    with pytest.raises(ValueError, match=r"last 8 s, but 10 s are needed"):
        model.predict_proba(X[:, :800])
    with pytest.raises(ValueError, match="must be 'mV' or 'uV', but got 'V'"):
        model.predict_proba(X.assign_attrs(units="V"))
    with pytest.raises(ValueError, match=r"rate of 1 Hz.*must be in seconds"):
        model.predict_proba(X.assign_coords(time=np.arange(1000)))
    with pytest.raises(ValueError, match=r"coordinate 'time' in seconds, not from att"):
        model.predict_proba(_labelled(500).drop_vars("time").assign_attrs(fs=500))


@with_files
def test_a_hybrid_warns_of_a_flat_lead_once(cohort):
    X = cohort.data.copy()
    X[4, :, 8] = 0
    with pytest.warns(
        UserWarning, match=r"others in 1 of 30 .* 4\): V3 in 1"
    ) as warned:
        load_pretrained("ptbxl_hybrid").predict_proba(X)
    assert len(warned) == 1


@with_files
@pytest.mark.parametrize("name", ["ptbxl_lstm", "ptbxl_cnn", "ptbxl_hybrid"])
@pytest.mark.parametrize("gain", [3, 10])
def test_another_gain_is_warned_of_once_on_onnxruntime(name, gain, cohort):
    model = load_pretrained(name, backend="onnx")
    said = "about .* times as large as those that ECGConverter was fitted on"
    with pytest.warns(UserWarning, match=said) as warned:
        model.predict_proba(gain * cohort.data)
    assert len(warned) == 1


@with_files
def test_flat_leads_and_leads_in_another_order_are_warned_of(cohort):
    loaded = load_pretrained("ptbxl_lstm")
    with pytest.warns(UserWarning, match="30 of 30 records.* limb leads that contr"):
        loaded.predict_proba(cohort.data[:, :, ::-1])
    X = cohort.data.copy()
    X[4, :, 8] = np.random.default_rng(0).normal(0, 0.003, 1000)  # an electrode is off
    with pytest.warns(UserWarning, match=r"estimated .* 1 of 30 records.*: V3 in 1\."):
        loaded.predict_proba(X)


# What scikit-learn and joblib do with it


@with_files
def test_joblib_gives_the_same_bits_in_another_process(model, cohort, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    np.save(tmp_path / "X.npy", cohort.data)
    script = (
        "import joblib, numpy as np\n"
        "model = joblib.load('model.joblib')\n"
        "np.save('p.npy', model.predict_proba(np.load('X.npy')))"
    )
    command = [sys.executable, "-c", script]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=300)
    np.testing.assert_array_equal(
        np.load(tmp_path / "p.npy"), model.predict_proba(cohort.data)
    )


@with_files
def test_a_clone_has_learned_nothing_and_a_frozen_one_keeps_it(model, cohort):
    with pytest.raises(NotFittedError):
        clone(model).predict_proba(cohort.data)
    trained_anew = dict(clone(model)[-1].network.estimators)
    assert not any(isinstance(e, FrozenEstimator) for e in trained_anew.values())
    frozen = clone(FrozenEstimator(model)).fit(cohort.data, 1 - cohort.target)
    np.testing.assert_array_equal(
        frozen.predict_proba(cohort.data), model.predict_proba(cohort.data)
    )


@each_single
def test_training_starts_from_its_weights(name, cohort):
    loaded = load_pretrained(name)
    X = loaded[:-1].transform(_with_leads(cohort.data, name))
    starts = [loaded, name]
    if name in {"ptbxl_cnn", "ptbxl_lstm", "ptbxl_resnet"}:
        starts.append("ptbxl")
    for weights in starts:
        tuned = clone(loaded[-1]).set_params(weights=weights, freeze="body", epochs=1)
        tuned.fit(X, cohort.target)
        np.testing.assert_array_equal(
            tuned.estimator_.weights[0], loaded[-1].estimator_.weights[0]
        )


# The files


def test_files_hold_plain_arrays_and_words_and_are_small():
    both = [*FOLDER.iterdir(), *WEIGHTS.iterdir()]
    files = [f for f in both if f.name.endswith((".npz", ".json", ".onnx"))]
    for file in files:
        if file.name.endswith(".npz"):
            with np.load(file, allow_pickle=False) as arrays:
                assert all(arrays[key].dtype.kind != "O" for key in arrays)
        elif file.name.endswith(".json"):
            json.loads(file.read_text(encoding="utf-8"))
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    expected = {f"{n}.json" for n in NAMES} | {f"{n}.npz" for n in SINGLE}
    expected |= {f"{n}.onnx" for n in SINGLE} | {"ptbxl_trees.npz"}
    assert {file.name for file in files} == expected


@each_name
def test_onnxruntime_gives_the_probabilities_of_keras(name):
    pytest.importorskip("onnxruntime")
    plain = _with_leads(make_lvh_ecg(6, fs=100, random_state=0).data, name)
    labelled = make_lvh_ecg(6, fs=500, random_state=0, as_xarray=True).data
    model, expected = load_pretrained(name, backend="onnx"), load_pretrained(name)
    for X in (plain, labelled):
        np.testing.assert_allclose(
            # Calibration stretches the rounding of float32 near 0 and 1.
            model.predict_proba(X),
            expected.predict_proba(X),
            rtol=0,
            atol=1e-5,
        )
    assert model.card_ == pretrained_card(name)
    if plain.shape[2] > 2:
        lost = plain.copy()
        lost[1, :, -2] = np.nan
        found = []
        for each in (model, expected):
            with pytest.warns(UserWarning, match=r"estimated .* \(at 1\): V5 in 1\."):
                found.append(each.predict_proba(lost))
        np.testing.assert_allclose(*found, rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match=rf"\(n_records, 1000, {plain.shape[2]}\)"):
        model.predict_proba(plain[:, :999])


def test_another_backend_is_an_error():
    with pytest.raises(ValueError, match="backend must be 'keras' or 'onnx'"):
        load_pretrained(backend="torch")


@each_name
def test_the_card_says_what_a_reader_must_know(name):
    card = pretrained_card(name)
    assert "not echocardiography or MRI" in card["label"]
    assert "not a medical device" in card["not_for"][0]
    assert any("10.13026/kfzx-aw45" in text for text in card["licence"]["attribution"])
    assert "CC BY 4.0" in card["licence"]["training_data"]
    assert card["evaluation"]["fold"] not in card["training"]["folds"]
    assert card["evaluation"]["fold"] == 9
    groups = {(r["variable"], r["level"]) for r in card["evaluation"]["subgroups"]}
    assert {
        ("sex", "men"),
        ("sex", "women"),
        ("age", "under 35"),
        ("conduction", "disturbed"),
        ("atrial fibrillation", "yes"),
        ("myocardial infarction", "yes"),
    } <= groups
    for row in card["evaluation"]["operating_points"]:
        wanted = float(row["operating_point"].split()[-1])
        # Chosen on other records, out of fold.
        assert row["specificity"] == pytest.approx(wanted, abs=0.02)
        assert card["operating_points"][row["operating_point"]] == row["threshold"]
    few = len(LEADS[name]) < 3
    assert any("Exchanged arm" in text for text in card["caveats"]) == few
    if name in SINGLE:
        assert card["training"]["command"].startswith("python examples/train_on_ptbxl")
        assert isinstance(card["training"]["seed"], int)


@with_files
@pytest.mark.slow
@pytest.mark.ptbxl
# A spoilt record, in which the limb leads contradict each other.
@pytest.mark.filterwarnings("ignore:1 of 2183 records of X .* limb leads")
def test_the_cards_figures_are_those_of_real_records(tmp_path_factory):
    path = _restore(tmp_path_factory.mktemp("ptbxl9"), "--folds", "9")
    fold = load_ptbxl(path, fs=100, folds=[9], on_error="skip")
    for name in NAMES:
        model = load_pretrained(name)
        patients = {"sex": fold.sex, "age": fold.age} if name in HYBRIDS else {}
        X = _with_leads(fold.data, name)
        probability = model.predict_proba(X, **patients)[:, 1]
        summary = pretrained_card(name)["evaluation"]["summary"]
        card = {row["metric"]: row["estimate"] for row in summary}
        auroc = roc_auc_score(fold.target, probability)
        assert auroc == pytest.approx(card["auroc"], abs=0.002)


def test_the_room_is_known_to_the_facade():
    assert {"load_pretrained", "pretrained_card"} <= set(skecg.__all__)
