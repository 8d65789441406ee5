import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from skecg import ECGConverter, ECGScaler, make_lvh_ecg
from skecg.explanation import deletion_curve, lead_importance, occlusion
from skecg.explanation._lead_importance import _donors
from skecg.signal import LEAD_NAMES, limb_leads, segment_waves
from tests.explanation.models import FS, V1, V5, Formula, sokolow_lyon

MODEL = Formula(sokolow_lyon).fit(None)
GROUPS = ["limb leads", "V1", "V2", "V3", "V4", "V5", "V6"]


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(60, fs=FS, noise=0, random_state=0)


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data


def test_a_lead_is_worth_what_the_formula_loses_without_it(X):
    found = occlusion(MODEL, X)
    assert found.leads == GROUPS
    medians, inner = np.median(X, axis=1), X[:, 20:-20]
    expected = np.zeros((len(X), 7))
    expected[:, 1] = medians[:, V1] - inner[:, :, V1].min(axis=1)
    expected[:, 5] = inner[:, :, V5].max(axis=1) - medians[:, V5]
    assert_allclose(found.importances, expected, atol=1e-5)
    assert_allclose(found.log_odds, sokolow_lyon(X), atol=1e-5)


def test_the_qrs_complex_is_worth_the_voltage(X):
    found = occlusion(MODEL, X, by="wave", fs=FS)
    p, qrs, st_t = found.importances.T
    assert found.waves == ["P", "QRS", "ST-T"]
    assert (qrs > 0.5).all()
    assert_allclose(p, 0, atol=1e-5)
    assert np.abs(st_t).max() < 0.2 * qrs.min()


def test_lead_and_wave_together_find_both_parts_of_the_formula(X):
    found = occlusion(MODEL, X, by="both", leads="each", fs=FS)
    assert found.importances.shape == (60, 12, 3)
    mean = found.importances.mean(axis=0)
    largest = np.argsort(mean.ravel())[-2:]
    assert {tuple(k) for k in np.transpose(np.unravel_index(largest, (12, 3)))} == {
        (V1, 1),
        (V5, 1),
    }
    others = np.delete(found.importances, [V1, V5], axis=1)
    assert_allclose(others, 0, atol=1e-6)


def test_a_wave_is_replaced_by_a_straight_line():
    seen = []
    ramp = np.arange(20.0)[None, :, None] + [[[0.0, 5.0]]]
    ramp[0, 5:8] += 3
    waves = np.zeros((1, 20), int)
    waves[0, 5:8] = 2

    def look(values):
        seen.append(values.copy())
        return values[:, 6].sum(axis=1) / 10

    found = occlusion(
        Formula(look).fit(None), ramp, by="wave", waves=waves, lead_names=["I", "II"]
    )
    assert_allclose(seen[-1][0], ramp[0] - 3 * (waves[0] == 2)[:, None])
    assert_allclose(found.importances, [[np.nan, 0.6, np.nan]])


def test_records_without_waves_have_no_importance(X):
    broken = X[:3].copy()
    broken[1] = 0
    found = occlusion(MODEL, broken, by="wave", fs=FS)
    assert np.isnan(found.importances[1]).all()
    assert np.isfinite(found.importances[[0, 2]]).all()


def test_labelled_records_need_no_rate():
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(4, fs=FS, noise=0, random_state=0, as_xarray=True)
    labelled = occlusion(MODEL, cohort.data, by="wave")
    plain = occlusion(MODEL, cohort.data.values, by="wave", fs=FS)
    assert_allclose(labelled.importances, plain.importances)
    with pytest.raises(ValueError, match="fs=500 contradicts X.* with 100 Hz"):
        occlusion(MODEL, cohort.data, by="wave", fs=500)
    scaled = ECGScaler().fit_transform(cohort.data)
    with pytest.raises(ValueError, match=r"standardized, .*waves=segment_waves"):
        occlusion(MODEL, scaled, by="wave")
    waves = segment_waves(cohort.data.values, FS)
    assert occlusion(MODEL, scaled, by="wave", waves=waves).importances.shape == (4, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "beat"}, "by must be 'lead', 'wave' or 'both', but got 'beat'"),
        ({"by": "wave"}, "fs is needed .* such as fs=500"),
        ({"leads": {"a": ["V9"]}}, r"leads must group leads of X.*V9"),
        ({"leads": {"a": []}}, "leads must group leads of X"),
        ({"leads": ["V1"]}, r"None, 'each' or a dict .*\['V1'\]"),
        ({"lead_names": ["V1"]}, r"lead_names has 1 names, but X has 12 leads"),
        ({"by": "wave", "waves": np.zeros((1, 3), int)}, r"shape \(60, 1000\)"),
    ],
)
def test_wrong_option_is_an_error(options, message, X):
    with pytest.raises(ValueError, match=message):
        occlusion(MODEL, X, **options)


def test_a_classifier_without_probabilities_is_an_error(X):
    svm = LinearSVC().fit(np.eye(2), [0, 1])
    with pytest.raises(
        TypeError, match="LinearSVC gives no prob.*CalibratedClassifierCV"
    ):
        occlusion(svm, X)


def test_certainty_counts_as_sixteen_log_odds(X):
    certain = Formula(lambda x: np.full(len(x), 800.0)).fit(None)
    assert_allclose(occlusion(certain, X[:2]).log_odds, 16)


def importance(X, y, **options):
    options = {"n_bootstrap": 200, "random_state": 0, **options}
    return lead_importance(MODEL, X, y, **options)


def test_only_the_leads_of_the_formula_are_worth_anything(X, cohort):
    y = (sokolow_lyon(X) > np.median(sokolow_lyon(X))).astype(int)
    found = importance(X, y, groups=cohort.groups)
    assert found.leads == GROUPS
    assert found.score == 1
    assert (found.importances_mean[[1, 5]] > 0.05).all()
    assert_allclose(np.delete(found.importances, [1, 5], axis=0), 0, atol=1e-9)
    assert (found.importances_low[[1, 5]] > 0).all()
    assert (found.importances_low <= found.importances_mean).all()
    assert (found.importances_mean <= found.importances_high).all()
    assert found.importances.shape == (7, 5)


def test_a_masked_patient_or_label_is_missing(X, cohort):
    y = (sokolow_lyon(X) > np.median(sokolow_lyon(X))).astype(int)
    gaps = np.arange(len(X)) < 2
    with pytest.raises(ValueError, match="groups has missing patients: 2 of"):
        importance(X, y, groups=np.ma.array(cohort.groups, mask=gaps))
    with pytest.raises(ValueError, match="y has missing labels: 2 of"):
        importance(X, np.ma.array(y, mask=gaps))


def test_all_leads_together_are_worth_the_whole_score(X, cohort):
    y = (sokolow_lyon(X) > np.median(sokolow_lyon(X))).astype(int)
    found = importance(X, y, leads={"all": list(LEAD_NAMES)}, n_repeats=20)
    assert found.importances_mean[0] == pytest.approx(0.5, abs=0.05)
    found = importance(
        X, y, leads={"all": list(LEAD_NAMES)}, n_repeats=20, scoring="average_precision"
    )
    assert found.importances_mean[0] == pytest.approx(1 - y.mean(), abs=0.06)


def test_limb_leads_exchanged_together_obey_einthovens_law(X, cohort):
    broken = []

    def look(values):
        limb = limb_leads(values[:, :, 0], values[:, :, 1])
        broken.append(np.abs(limb - values[:, :, :6]).max() > 1e-4)
        return values[:, :, 0].max(axis=1)

    model = Formula(look).fit(None)
    lead_importance(model, X, cohort.target, n_repeats=1, n_bootstrap=2)
    assert not any(broken)
    lead_importance(model, X, cohort.target, leads="each", n_repeats=1, n_bootstrap=2)
    assert any(broken)


@pytest.mark.parametrize("seed", range(20))
def test_leads_come_from_another_patient_and_each_is_used_once(seed):
    groups = np.array(list("aaabbcddddef"))
    donors = _donors(groups, np.random.RandomState(seed))
    assert (groups[donors] != groups).all()
    assert sorted(donors) == list(range(12))


def test_donors_are_not_always_the_same():
    rng = np.random.RandomState(0)
    drawn = {_donors(np.arange(6), rng)[0] for _ in range(200)}
    assert drawn == {1, 2, 3, 4, 5}


def test_labelled_records_bring_their_patients():
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(20, fs=FS, random_state=0, as_xarray=True)
    options = {"n_repeats": 2, "n_bootstrap": 50, "random_state": 0}
    labelled = lead_importance(MODEL, cohort.data, cohort.target, **options)
    plain = lead_importance(
        MODEL, cohort.data.values, cohort.target, groups=cohort.groups, **options
    )
    assert_allclose(labelled.importances, plain.importances)
    assert_allclose(labelled.importances_low, plain.importances_low)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scoring": "f1"}, r"'scoring' .* str among .*'roc_auc'.*'f1'"),
        ({"n_repeats": 0}, r"'n_repeats' .* range \[1, inf\).*Got 0"),
        ({"confidence_level": 95}, r"'confidence_level' .* Got 95"),
        ({"groups": np.zeros(60)}, "One patient has 60 of 60 records"),
        ({"target": 3}, r"target must be one of the classes \[0, 1\].*3"),
    ],
)
def test_wrong_option_of_lead_importance_is_an_error(options, message, X, cohort):
    with pytest.raises(ValueError, match=message):
        lead_importance(MODEL, X, cohort.target, **options)


def test_one_class_alone_can_not_be_scored(X):
    with pytest.raises(ValueError, match="with and without .* 0 of 60 records"):
        lead_importance(MODEL, X, np.zeros(60, int))


def test_a_flattened_lead_is_not_estimated_from_the_others(X):
    found = [
        occlusion(
            make_pipeline(ECGConverter(FS, fill_lost_leads=fill).fit(X), MODEL), X
        ).importances
        for fill in (False, True)
    ]
    assert_allclose(*found)


@pytest.mark.parametrize("lost", [0.0, np.nan])
def test_a_lead_that_is_lost_before_is_estimated_as_in_prediction(X, lost):
    model = make_pipeline(ECGConverter(FS, fill_lost_leads=True).fit(X), MODEL)
    given = X[:4].copy()
    given[1, :, V5] = lost
    with pytest.warns(UserWarning, match="V5 in 1"):
        probability = model.predict_proba(given)[:, 1]
    found = occlusion(model, given)
    assert_allclose(found.log_odds, np.log(probability / (1 - probability)))
    assert found.importances[1, GROUPS.index("V5")] != 0
    assert_allclose(found.importances[[0, 2]], occlusion(model, X[:4]).importances[::2])


def converting(X, fill=True):
    return make_pipeline(ECGConverter(FS, fill_lost_leads=fill).fit(X), MODEL)


def vote(*members):
    names = [(str(k), FrozenEstimator(member)) for k, member in enumerate(members)]
    y = np.arange(2)
    return VotingClassifier(names, voting="soft").fit(np.zeros((2, 1000, 12)), y)


def calibrated(member, X):
    y = sokolow_lyon(X) > np.median(sokolow_lyon(X))
    return CalibratedClassifierCV(FrozenEstimator(member)).fit(X, y)


@pytest.mark.parametrize(
    "around",
    [
        lambda member, X: vote(member, clone(member).fit(X), member),
        calibrated,
        lambda member, X: make_pipeline(FrozenEstimator(member)),
    ],
)
@pytest.mark.filterwarnings("ignore:.*V5 in 1")
def test_leads_are_estimated_inside_votes_and_calibrated_models_too(around, X):
    filling, plain = (around(converting(X, fill), X) for fill in (True, False))
    given = X[:4].copy()
    given[1, :, V5] = 0
    probability = filling.predict_proba(given)[:, 1]
    found = occlusion(filling, given)
    assert_allclose(found.log_odds, np.log(probability / (1 - probability)), atol=1e-6)
    # A lead that is flattened here is not estimated.
    assert_allclose(
        occlusion(filling, X[:4]).importances, occlusion(plain, X[:4]).importances
    )


@pytest.mark.filterwarnings("ignore:.*V5 in 1")
def test_a_deleted_lead_is_not_estimated_by_a_converter_inside(X):
    filling, plain = (vote(converting(X, fill)) for fill in (True, False))
    attributions = np.zeros_like(X[:2])
    attributions[:, :, V5] = 1  # so that the first twelfth deleted is V5
    options = {"n_points": 13, "n_random": 1, "random_state": 0}
    found, expected = (
        deletion_curve(model, X[:2], attributions, **options).log_odds[:, :2]
        for model in (filling, plain)
    )
    assert_allclose(found, expected)
    given = X[:2].copy()
    given[1, :, V5] = 0
    probability = filling.predict_proba(given)[:, 1]
    start = deletion_curve(filling, given, attributions, **options).log_odds[:, 0]
    assert_allclose(start, np.log(probability / (1 - probability)), atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda X: vote(converting(X), converting(X, fill=False)),
        lambda X: make_pipeline(FunctionTransformer(), converting(X)),
        lambda X: make_pipeline(ECGConverter(FS).fit(X), converting(X)),
    ],
)
def test_a_converter_that_is_not_first_for_all_of_x_is_refused(make, X):
    with pytest.raises(ValueError, match="in some of its members only, or after its"):
        occlusion(make(X), X[:2])
