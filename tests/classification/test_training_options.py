"""Auxiliary targets, crops and augmentation, as a user of a classifier meets them."""

import pickle
from typing import ClassVar

import keras
import numpy as np
import pytest
import sklearn
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline as make_sampling_pipeline
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

from skecg import ECGAugmenter, ECGScaler, LVHCNNClassifier, RecordSampler
from skecg.training import predict_proba

CNN = LVHCNNClassifier(
    filters=(8,),
    kernel_sizes=5,
    batch_size=16,
    dense_units=(8,),
    epochs=3,
    random_state=0,
)


@pytest.fixture(scope="module")
def records():
    """Noise, in which a record of class 1 is larger in one lead; a third of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 64, 2)).astype(np.float32)
    y = np.arange(60) % 3 // 2
    X[y == 1, :, 1] *= 3
    return X, y


def test_auxiliary_targets_are_learned_of_their_own_records(records):
    X, y = records
    learner = clone(CNN).set_params(epochs=40, learning_rate=0.01, aux_weight=1)
    losses = [
        clone(learner).fit(X, y, aux=aux).history_["loss"][-1]
        for aux in (y, np.random.default_rng(0).permutation(y))
    ]
    assert losses[0] < losses[1] - 0.2


def test_auxiliary_targets_change_training_and_are_not_kept(records):
    X, y = records
    aux = np.column_stack([y, np.where(y == 1, np.nan, 0.5)])
    alone = clone(CNN).fit(X, y)
    multi_task = clone(CNN).fit(X, y, aux=aux)
    weightless = clone(CNN).set_params(aux_weight=0).fit(X, y, aux=aux)
    assert not np.array_equal(alone.predict_proba(X), multi_task.predict_proba(X))
    np.testing.assert_allclose(
        alone.predict_proba(X), weightless.predict_proba(X), rtol=1e-5
    )
    assert set(multi_task.history_) == {"loss", "accuracy", "auc"}
    assert len(pickle.dumps(multi_task)) == pytest.approx(
        len(pickle.dumps(alone)), rel=0.05
    )


def test_unknown_auxiliary_targets_teach_nothing(records):
    X, y = records
    unknown = clone(CNN).fit(X, y, aux=np.full((60, 2), np.nan)).predict_proba(X)
    np.testing.assert_allclose(
        unknown, clone(CNN).fit(X, y).predict_proba(X), rtol=1e-5
    )


def test_auxiliary_targets_go_with_early_stopping_and_weights(records):
    X, y = records
    stopping = clone(CNN).set_params(early_stopping=True, monitor="val_auc", epochs=4)
    stopping.fit(X, y, sample_weight=np.ones(60), aux=y)
    assert {"val_loss", "val_auc", "val_accuracy"} < set(stopping.history_)


def test_auxiliary_targets_go_through_pipelines_and_cross_validation(records):
    X, y = records
    pipeline = make_pipeline(ECGScaler(), clone(CNN))
    params = {"lvhcnnclassifier__aux": np.column_stack([y, y])}
    scores = cross_validate(pipeline, X, y, cv=2, params=params, error_score="raise")
    assert len(scores["test_score"]) == 2
    with sklearn.config_context(enable_metadata_routing=True):
        requesting = make_pipeline(ECGScaler(), clone(CNN).set_fit_request(aux=True))
        routed = cross_validate(
            requesting, X, y, cv=2, params={"aux": np.column_stack([y, y])}
        )
    np.testing.assert_array_equal(scores["test_score"], routed["test_score"])


@pytest.mark.parametrize(
    ("aux", "message"),
    [
        (np.full(60, 67.0), "from 0 to 1, with NaN .* divide ages by 100"),
        (np.array(["male", "female"] * 30), "numbers .* encode text such as sex by"),
        (np.zeros((59, 2)), "aux has 59 rows, but X has 60 records"),
    ],
)
def test_auxiliary_targets_are_checked(records, aux, message):
    with pytest.raises(ValueError, match=message):
        clone(CNN).fit(*records, aux=aux)


def test_a_sampler_before_auxiliary_targets_is_named(records):
    X, y = records
    pipeline = make_sampling_pipeline(
        RecordSampler(RandomOverSampler(random_state=0)), clone(CNN)
    )
    with pytest.raises(ValueError, match="A sampler before the classifier"):
        pipeline.fit(X, y, lvhcnnclassifier__aux=y)


def test_probabilities_of_crops_are_averaged(records):
    X, y = records
    cropped = clone(CNN).set_params(crop_length=16, n_crops=3).fit(X, y)
    parts = [X[:, start : start + 16] for start in (0, 24, 48)]
    wrapper = cropped.estimator_
    expected = np.mean([predict_proba(wrapper, part)[:, 0] for part in parts], axis=0)
    np.testing.assert_allclose(cropped.predict_proba(X)[:, 1], expected, atol=1e-6)
    one = cropped.set_params(n_crops=1).predict_proba(X)[:, 1]
    middle = predict_proba(wrapper, X[:, 24:40])[:, 0]
    np.testing.assert_allclose(one, middle, atol=1e-6)


def test_length_of_crops_is_samples_or_a_share(records):
    X, y = records
    samples = clone(CNN).set_params(crop_length=16).fit(X, y).predict_proba(X)
    share = clone(CNN).set_params(crop_length=0.25).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(samples, share)
    whole = clone(CNN).set_params(crop_length=1.0).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(whole, clone(CNN).fit(X, y).predict_proba(X))
    with pytest.raises(ValueError, match="longer than the records, which have 64"):
        clone(CNN).set_params(crop_length=65).fit(X, y)
    with pytest.raises(ValueError, match=r"an int in the range \[2, inf\), a float"):
        clone(CNN).set_params(crop_length=1).fit(X, y)  # 1.0 is meant


def test_early_stopping_judges_crops(records):
    X, y = records
    stopping = clone(CNN).set_params(
        early_stopping=True, monitor="val_auc", crop_length=0.5, epochs=4
    )
    first = clone(stopping).fit(X, y)
    second = clone(stopping).fit(X, y)
    assert first.history_ == second.history_


class Inverter:
    """Turns records upside down."""

    def augment(self, records, random_state):
        return -records


class Breaker:
    """Gives records of another length."""

    def augment(self, records, random_state):
        return records[:, :-1]


def test_augmented_records_are_trained_on_and_others_predicted(records):
    X, y = records
    inverting = clone(CNN).set_params(augmenter=Inverter()).fit(X, y)
    np.testing.assert_array_equal(
        inverting.predict_proba(X), clone(CNN).fit(-X, y).predict_proba(X)
    )


def test_an_augmenter_gives_records_of_the_same_shape(records):
    with pytest.raises(ValueError, match=r"of shape \(1, 63, 2\) from .*\(1, 64, 2\)"):
        clone(CNN).set_params(augmenter=Breaker()).fit(*records)
    with pytest.raises(ValueError, match="augmenter"):
        clone(CNN).set_params(augmenter="noise").fit(*records)
    with pytest.raises(TypeError, match=r"the class Inverter; give an instance"):
        clone(CNN).set_params(augmenter=Inverter).fit(*records)


def test_an_augmenter_for_another_sampling_rate_is_named(records):
    xarray = pytest.importorskip("xarray")
    X, y = records
    labelled = xarray.DataArray(
        X,
        dims=("record", "time", "lead"),
        coords={"time": np.arange(64) / 100, "lead": ["I", "II"]},
    )
    with pytest.raises(ValueError, match="for 500 Hz; give the augmenter fs=100"):
        clone(CNN).set_params(augmenter=ECGAugmenter()).fit(labelled, y)
    clone(CNN).set_params(augmenter=ECGAugmenter(fs=100), epochs=1).fit(labelled, y)


def test_options_of_a_fit_do_not_reach_the_next(records):
    X, y = records
    plain = clone(CNN).fit(X, y).predict_proba(X)
    clone(CNN).fit(X, y, aux=y)
    clone(CNN).set_params(focal_gamma=2.0, label_smoothing=0.1).fit(X, y)
    clone(CNN).set_params(augmenter=Inverter(), crop_length=0.5).fit(X, y)
    np.testing.assert_array_equal(clone(CNN).fit(X, y).predict_proba(X), plain)


class Counter(keras.callbacks.Callback):
    """Counts epochs, and can't be pickled."""

    n_epochs = 0
    of_all: ClassVar = []

    def __init__(self):
        super().__init__()
        self.unpicklable = lambda: None

    def on_epoch_end(self, epoch, logs=None):
        self.n_epochs += 1
        self.of_all.append((self.n_epochs, logs["loss"]))


def test_each_fit_has_its_own_copy_of_the_callbacks(records, tmp_path):
    X, y = records
    Counter.of_all.clear()
    counter = Counter()
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    watched = clone(CNN).set_params(callbacks=[counter, logger])
    clone(watched).fit(X, y)
    watched.fit(X, y)
    assert [n for n, _ in Counter.of_all] == [1, 2, 3, 1, 2, 3]
    assert counter.n_epochs == 0
    assert watched.history_["loss"] == [loss for _, loss in Counter.of_all[3:]]
    assert (tmp_path / "log.csv").read_text().startswith("epoch,accuracy,auc")
    again = pickle.loads(pickle.dumps(watched))
    assert again.callbacks is None
    assert watched.callbacks[0] is counter
    np.testing.assert_array_equal(again.predict_proba(X), watched.predict_proba(X))


class Freezer(keras.callbacks.Callback):
    """Changes the model for good."""

    def on_train_end(self, logs=None):
        self.model.layers[1].trainable = False
        self.model.compile("sgd", "mse")


def test_callbacks_do_not_reach_the_models_of_later_fits(records):
    X, y = records
    plain = clone(CNN).fit(X, y).predict_proba(X)
    clone(CNN).set_params(callbacks=[Freezer()]).fit(X, y)
    np.testing.assert_array_equal(clone(CNN).fit(X, y).predict_proba(X), plain)


def test_callbacks_are_a_list_of_those_of_keras(records):
    with pytest.raises(
        ValueError, match="'callbacks' parameter .* must be an instance"
    ):
        clone(CNN).set_params(callbacks=Counter()).fit(*records)
    with pytest.raises(TypeError, match=r"instances of keras\.callbacks\.Callback"):
        clone(CNN).set_params(callbacks=[Counter]).fit(*records)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ({"validation_data": (0, 0)}, "X_val and y_val, or set early_stopping=True"),
        ({"validation_split": 0.2}, "X_val and y_val, or set early_stopping=True"),
        ({"epochs": 3}, "set it in the constructor"),
        ({"callbacks": []}, "set it in the constructor"),
        ({"class_weight": {0: 1, 1: 2}}, "set it in the constructor"),
    ],
)
def test_arguments_of_keras_fit_are_answered_by_the_remedy(records, arguments, remedy):
    X, y = records
    with pytest.raises(TypeError, match=f"{next(iter(arguments))}.*{remedy}"):
        clone(CNN).fit(X, y, **arguments)
    name = {f"lvhcnnclassifier__{k}": v for k, v in arguments.items()}
    with pytest.raises(TypeError, match=remedy):
        make_pipeline(ECGScaler(), clone(CNN)).fit(X, y, **name)


@pytest.mark.parametrize("name", ["filters", "dense_units"])
def test_one_number_for_all_layers_is_answered_by_a_tuple(records, name):
    with pytest.raises(ValueError, match=rf"{name}=\(64,\) for one layer"):
        clone(CNN).set_params(**{name: 64}).fit(*records)


def test_parameters_of_early_stopping_without_it_warn(records):
    X, y = records
    unused = clone(CNN).set_params(epochs=1, validation_fraction=0.2, patience=3)
    with pytest.warns(
        UserWarning, match=r"validation_fraction=0\.2, patience=3 has no effect"
    ):
        unused.fit(X, y)
    unused.fit(X, y, X_val=X, y_val=y)
    unused.set_params(early_stopping=True).fit(X, y)
