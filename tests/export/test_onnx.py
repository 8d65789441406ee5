"""Exported pipelines answer as the pipelines they came from."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

import skecg
from skecg.export import ONNXClassifier, load_onnx, to_onnx
from skecg.export._affine import OfLeads, OverTime, join_over_time
from tests.estimators import SMALL_NETWORK

# The records of these tests have few beats.
pytestmark = pytest.mark.filterwarnings("ignore:.* are measured on fewer than 3 beats")

onnx = pytest.importorskip("onnx")
pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")

COHORT = skecg.make_lvh_ecg(24, fs=250, duration=4, random_state=0, as_xarray=True)
SMALL = {**SMALL_NETWORK, "epochs": 2}
CNN = skecg.LVHCNNClassifier(filters=(4,), kernel_sizes=3, **SMALL)
LSTM = skecg.LVHLSTMClassifier(
    units=(4,),
    conv_filters=(4,),
    conv_kernel_sizes=3,
    crop_length=0.5,
    n_crops=3,
    **SMALL,
)
RESNET = skecg.LVHResNetClassifier(
    filters=(4,), kernel_size=3, stem_filters=4, crop_length=100, n_crops=2, **SMALL
)
PIPELINES = {
    "filter, resampler": make_pipeline(
        skecg.ECGFilter(), skecg.ECGResampler(target_fs=100), skecg.ECGScaler(), CNN
    ),
    "converter, leads, cropper": make_pipeline(
        skecg.ECGConverter(100),
        skecg.LeadSelector(["V5", "I", "aVL"]),
        skecg.ECGCropper(3),
        skecg.ECGScaler(with_mean=False),
        LSTM,
    ),
    "network alone": RESNET,
    "average": make_pipeline(
        skecg.ECGConverter(100),
        VotingClassifier(
            [
                ("a", make_pipeline(skecg.ECGFilter(), skecg.ECGScaler(), RESNET)),
                ("b", make_pipeline(skecg.ECGScaler("global"), CNN)),
            ],
            voting="soft",
            weights=np.array([3, 1]),
        ),
    ),
    "median beat": make_pipeline(
        skecg.ECGConverter(100), skecg.ECGMedianBeat(), skecg.ECGScaler(), CNN
    ),
    "each record scaled": make_pipeline(skecg.ECGScaler("record"), CNN),
    "hybrid": make_pipeline(
        skecg.ECGConverter(100),
        skecg.LVHHybridClassifier(
            make_pipeline(skecg.ECGMedianBeat(), skecg.ECGScaler(), CNN),
            HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=3),
        ),
    ),
}
SPLIT = ("median beat", "each record scaled", "hybrid")


@pytest.fixture(scope="module")
def fitted():
    """Return the fitted pipelines by name."""
    with threadpool_limits(1, "openmp"):  # which wait for each other on a busy machine
        return {
            name: clone(pipeline).fit(COHORT.data, COHORT.target)
            for name, pipeline in PIPELINES.items()
        }


@pytest.fixture(scope="module")
def exported(fitted, tmp_path_factory):
    """Return the exported classifiers by name."""
    folder = tmp_path_factory.mktemp("exported")
    models = {}
    for k, (name, pipeline) in enumerate(fitted.items()):
        suffix = "zip" if name in SPLIT else "onnx"
        models[name] = load_onnx(to_onnx(pipeline, folder / f"{k}.{suffix}"))
    return models


each_pipeline = pytest.mark.parametrize("name", PIPELINES)


@each_pipeline
def test_probabilities_are_those_of_the_pipeline(name, fitted, exported):
    X = skecg.make_lvh_ecg(9, fs=250, duration=4, random_state=1, as_xarray=True).data
    expected = fitted[name].predict_proba(X)
    found = exported[name].predict_proba(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-6)
    assert exported[name].classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(exported[name].predict(X), fitted[name].predict(X))


@each_pipeline
def test_labelled_records_follow_the_same_rules(name, fitted, exported):
    X = COHORT.data[:3]
    other = (1000 * X[:, :, ::-1]).assign_attrs(units="uV")
    np.testing.assert_allclose(
        exported[name].predict_proba(other), exported[name].predict_proba(X), atol=1e-5
    )
    for wrong in (X.assign_coords(time=X.time * 2), X[:, :, 1:], X[:, :-5]):
        by_pipeline, by_export = (
            _outcome(model, wrong) for model in (fitted[name], exported[name])
        )
        assert type(by_pipeline) is type(by_export)
        if isinstance(by_export, np.ndarray):
            np.testing.assert_allclose(by_export, by_pipeline, atol=1e-5)


def _outcome(model, X):
    """Return probabilities, or the error."""
    try:
        return model.predict_proba(X)
    except ValueError as error:
        return error


@each_pipeline
def test_it_is_a_fitted_classifier_for_scikit_learn(name, exported):
    model = exported[name]
    other = clone(model).set_params(n_threads=2)
    assert model.n_threads == 1
    np.testing.assert_allclose(
        other.predict_proba(COHORT.data[:2]), model.predict_proba(COHORT.data[:2])
    )
    np.testing.assert_allclose(
        model.decision_function(COHORT.data[:2]) > 0,
        model.predict(COHORT.data[:2]) == 1,
    )
    again = pickle.loads(pickle.dumps(model))
    X = COHORT.data[:4]
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(NotImplementedError, match="can't be trained"):
        model.fit(X, [0, 1, 0, 1])


def test_calibrated_log_odds_are_exported(fitted, tmp_path):
    name = "filter, resampler"
    pipeline = clone(PIPELINES[name]).fit(COHORT.data, COHORT.target)
    before = pipeline.decision_function(COHORT.data)
    pipeline[-1].calibration_ = (0.7, -0.4)
    after = pipeline.decision_function(COHORT.data)
    np.testing.assert_allclose(after, 0.7 * before - 0.4, atol=1e-5)
    model = load_onnx(to_onnx(pipeline, tmp_path / "calibrated.onnx"))
    np.testing.assert_allclose(model.decision_function(COHORT.data), after, atol=1e-4)
    X = pipeline[:-1].transform(COHORT.data)
    for target, sign in ((1, 1), (0, -1)):
        odds, _ = pipeline[-1].log_odds_gradient(X, target)
        np.testing.assert_allclose(sign * odds, after, atol=1e-4)


@pytest.mark.filterwarnings("ignore:1 of 6 records of X .* without a signal")
def test_an_exported_hybrid_reads_sex_and_age_and_missing_waves(fitted, exported):
    pipeline, model = fitted["hybrid"], exported["hybrid"]
    X = COHORT.data[:6].copy()
    X[0, :, 6:8] = 0  # no waves in V1 and V2
    plain = pipeline[0].transform(X).values
    for patients in (
        {"sex": [1] * 6, "age": [80] * 6},
        {"sex": [0] * 6, "age": 6 * [np.nan]},
    ):
        np.testing.assert_allclose(
            model.predict_proba(plain, **patients),
            pipeline.predict_proba(plain, **patients),
            rtol=0,
            atol=5e-6,
        )


def test_an_exported_hybrid_warns_as_the_fitted_one_does(fitted, tmp_path):
    cohort = skecg.make_lvh_ecg(24, fs=100, random_state=0)
    X = cohort.data.copy()
    hybrid = clone(fitted["hybrid"][-1])
    hybrid.set_params(fs=100, network=make_pipeline(skecg.ECGScaler(), CNN))
    hybrid.fit(X, cohort.target, age=np.arange(len(X)) + 20)
    model = load_onnx(to_onnx(hybrid, tmp_path / "model.zip"))
    X[4, :, 8] = 0
    for judge in (hybrid, model):
        with (
            pytest.warns(UserWarning, match="age, but predicts without"),
            pytest.warns(UserWarning, match="V3 in record 4"),
        ):
            judge.predict_proba(X)


def test_a_hybrid_that_has_no_plain_form_is_an_error(fitted, tmp_path):
    hybrid = fitted["hybrid"]
    with pytest.raises(ValueError, match=r"and LVHHybridClassifier, which can't be"):
        to_onnx(hybrid, tmp_path / "model.onnx")
    resampled = make_pipeline(skecg.ECGResampler(250), hybrid[-1])
    with pytest.raises(TypeError, match="ECGResampler before an LVHHybridClassifier"):
        to_onnx(resampled, tmp_path / "model.zip")
    hybrid[-1].tabular_, boosting = LogisticRegression(), hybrid[-1].tabular_
    with pytest.raises(TypeError, match="Only a HistGradientBoostingClassifier"):
        to_onnx(hybrid, tmp_path / "model.zip")
    hybrid[-1].tabular_ = boosting


def test_an_unfitted_one_says_so():
    with pytest.raises(NotFittedError):
        ONNXClassifier().predict_proba(COHORT.data)


def test_calibration_works_on_it(exported):
    model = CalibratedClassifierCV(FrozenEstimator(exported["network alone"]))
    model.fit(COHORT.data, COHORT.target)
    assert model.predict_proba(COHORT.data).shape == (24, 2)


def test_more_than_two_classes_and_text_labels(tmp_path):
    y = np.array(["a", "b", "c"])[np.arange(24) % 3]
    fitted = clone(CNN).fit(COHORT.data, y)
    model = load_onnx(to_onnx(fitted, tmp_path / "m.onnx"))
    assert model.classes_.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(
        model.predict_proba(COHORT.data), fitted.predict_proba(COHORT.data), atol=1e-5
    )


def test_other_programs_find_what_the_graph_expects(fitted, tmp_path):
    card = {"operating_points": {"specificity 0.90": 0.2}}
    path = tmp_path / "m.onnx"
    to_onnx(fitted["filter, resampler"], path, card=card)
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert [i.name for i in model.graph.input] == ["ecg"]
    assert [o.name for o in model.graph.output] == ["probabilities"]
    facts = json.loads({p.key: p.value for p in model.metadata_props}["skecg"])
    assert facts["expects"]["fs"] == 250
    assert facts["expects"]["unit"] == "mV"
    assert facts["expects"]["leads"] == list(COHORT.lead_names)
    assert facts["classes"] == [0, 1]
    assert load_onnx(path).card_ == card


def test_neighbouring_matrices_over_time_are_one():
    rng = np.random.default_rng(0)
    a, b, c = (OverTime(rng.normal(size=shape)) for shape in ((9, 9), (9, 4), (4, 4)))
    joined = join_over_time([a, b, OfLeads(index=(0,)), c])
    assert [type(step) for step in joined] == [OverTime, OfLeads, OverTime]
    np.testing.assert_allclose(joined[0].matrix, a.matrix @ b.matrix)
    assert joined[2] is c


def test_what_is_no_single_graph_needs_an_archive(fitted, tmp_path):
    with pytest.raises(ValueError, match=r"has ECGMedianBeat, which.*a \.zip file"):
        to_onnx(fitted["median beat"], tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (LogisticRegression().fit([[0], [1]], [0, 1]), "only a network classifier"),
        (
            make_pipeline(skecg.ECGFlattener(), LogisticRegression()).fit(
                COHORT.data, COHORT.target
            ),
            "LogisticRegression can't be exported",
        ),
    ],
)
def test_what_has_no_form_in_onnx_is_refused(pipeline, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        to_onnx(pipeline, tmp_path / "m.onnx")


def test_a_step_of_another_package_is_refused(fitted, tmp_path):
    from sklearn.preprocessing import FunctionTransformer

    step = FunctionTransformer().fit(COHORT.data)
    with pytest.raises(TypeError, match="FunctionTransformer can't be exported"):
        to_onnx(make_pipeline(step, fitted["network alone"]), tmp_path / "m.zip")


def test_the_suffix_says_the_kind(fitted, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.onnx or \.zip"):
        to_onnx(fitted["network alone"], tmp_path / "model")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x08\x07nonsense", b"x" * 1000])
def test_what_is_no_model_is_an_error(content):
    with pytest.raises(ValueError, match="damaged, or not written by to_onnx"):
        load_onnx(content)


def test_an_archive_names_no_other_class_and_inflates_within_bounds(fitted, tmp_path):
    path = to_onnx(fitted["median beat"], tmp_path / "m.zip")
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}

    def packed(kind=zipfile.ZIP_DEFLATED, **changed):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as file:
            for name, content in {**parts, **changed}.items():
                file.writestr(name, content)
        return buffer.getvalue()

    facts = parts["skecg.json"].replace(b"ECGMedianBeat", b"ECGFlattener")
    with pytest.raises(ValueError, match="names a step 'ECGFlattener'"):
        load_onnx(packed(**{"skecg.json": facts}))
    facts = parts["skecg.json"].replace(b'"_standardized"', b'"transform"')
    assert facts != parts["skecg.json"]
    with pytest.raises(ValueError, match="which no fit learns"):
        load_onnx(packed(**{"skecg.json": facts}))
    with pytest.raises(ValueError, match="unpacks to 300 MB"):
        load_onnx(packed(**{"0.onnx": bytes(300 * 2**20)}))
    for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(ValueError, match="packed otherwise than NumPy does"):
            load_onnx(packed(kind))
    cut = path.read_bytes()[:-40]
    with pytest.raises(ValueError, match="damaged"):
        load_onnx(cut)


HOSTILE = {
    "card": {"card": [1]},
    "operating_points": {"card": {"operating_points": {"a": "b"}}},
    "threshold": {"card": {"operating_points": {"a": 7}}},
    "no parts": {"parts": []},
    "classes": {"classes": [[0], [1]]},
    "hybrid": {"hybrid": {"calibration": [1]}},
    "weight": {"hybrid": {"weight": 5}},
    "n_times": {"expects": {"n_times": 10**9}},
    "fs": {"expects": {"fs": "x"}},
    "leads": {"expects": {"leads": ["I"] * 12}},
}
"""What a file may say of itself, and no pipeline does."""


def test_a_hostile_archive_is_refused_before_it_predicts(fitted, tmp_path):
    path = to_onnx(fitted["hybrid"], tmp_path / "m.zip")
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    facts = json.loads(parts["skecg.json"])

    def refused(changed):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name, content in {**parts, **changed}.items():
                file.writestr(name, content)
        with pytest.raises(ValueError, match="damaged, or not written by to_onnx"):
            load_onnx(buffer.getvalue())

    for said in HOSTILE.values():
        ((name, value),) = said.items()
        if name in ("hybrid", "expects"):
            value = {**facts[name], **value}
        refused({"skecg.json": json.dumps({**facts, name: value})})
    refused({"skecg.json": "[" * 200_000})
    refused({"trees.npz": b""})
    encrypted = bytearray(path.read_bytes())
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ValueError, match="is encrypted"):
        load_onnx(bytes(encrypted))
    card = {"operating_points": {"a": float("nan")}}
    with pytest.raises(ValueError, match="thresholds from 0 to 1"):
        to_onnx(fitted["hybrid"], tmp_path / "n.zip", card=card)


def test_prediction_loads_neither_tensorflow_nor_keras(fitted, tmp_path):
    path = to_onnx(fitted["median beat"], tmp_path / "m.zip")
    script = (
        "import sys, numpy as np; from skecg import load_onnx; "
        f"load_onnx({str(path)!r}).predict_proba(np.zeros((1, 400, 12))); "
        "print([m for m in ('tensorflow', 'keras', 'scikeras') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.stdout.strip() == "[]"


def test_a_loaded_model_stores_nothing_and_reports_to_nobody(tmp_path):
    script = (
        "import os; from skecg import load_pretrained; "
        "model = load_pretrained('ptbxl_lstm', backend='onnx'); "
        "model.predict_proba([[[0.1] * 12] * 1000]); "
        "print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ORT_")}
    folders = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=environment | folders,
        timeout=300,
    )
    assert run.stdout == "1\n"
    assert not list(tmp_path.iterdir())
