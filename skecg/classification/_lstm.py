"""The recurrent classifier."""

from numbers import Real

from skecg.classification._base import AT_LEAST_ONE, SIZES, NetworkClassifier
from skecg.networks import build_lstm
from skecg.utils import Interval, StrOptions


class LVHLSTMClassifier(NetworkClassifier):
    """Classify records with LSTM layers on a sequence shortened by convolutions.

    Parameters
    ----------
    units : sequence of int, default=(64,)
        Units of each LSTM layer.

    bidirectional : bool, default=True
        Run each LSTM layer in both directions.

    lstm_dropout : float or sequence of float, default=0.0
        Share of outputs dropped in training after each LSTM layer.

    conv_filters : sequence of int, default=(32, 64, 128)
        Filters of each convolution before the LSTM layers; empty for none.

    conv_kernel_sizes : int, sequence of int or None, default=None
        Samples that each convolution spans. None means 7 for the first and 5 for the
        others.

    pool_size : int, default=2
        Factor by which max pooling shortens the sequence after each convolution.

    batch_norm : bool, default=True
        Normalize each convolution's output over the batch.

    pooling : {"average_max", "average", "max", "last"}, default="average_max"
        How the last LSTM layer's sequence becomes one vector; ``"last"`` takes its
        last output alone.

    dense_units : sequence of int, default=(64,)
        Units of each dense layer before the output.

    dropout : float or sequence of float, default=0.5
        Share of units dropped in training after each dense layer.

    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd"}, default="adam"
        Optimizer of Keras.

    learning_rate : float, default=0.001
        Highest learning rate.

    weight_decay : float, default=None
        Decoupled weight decay per step, relative to the learning rate. None means the
        optimizer's own: 0.004 for ``"adamw"``, none for the others.

    clipnorm : float, default=1.0
        Largest norm of all gradients together; larger ones are scaled down.

    epochs : int, default=10
        Passes over the training records.

    crop_length : int, float or None, default=None
        Length of the crops of records that the network takes: in samples (2 or more),
        or a float as a share of the record. In training, crops are drawn at random,
        which reduces overfitting. None takes whole records.

    See Also
    --------
    LVHCNNClassifier : The convolutional classifier.
    skecg.networks.build_lstm : The function that builds the network.

    Notes
    -----
    The defaults suit standardized records of 10 s at 100 Hz: three convolutions
    shorten 1,000 samples to 125 before the recurrence, which costs time in
    proportion to the length.

    The network that many tutorials use has its parameters in
    ``skecg.networks.PLAIN_LSTM``. It runs over all samples, about twenty times as
    slowly, and remembers little of the beginning of a record. With
    ``activation="relu"``, as some tutorials have it, an LSTM overflows on long
    records; here the activation is tanh.

    References
    ----------
    .. [1] Lin T-Y, Goyal P, Girshick R, He K, Dollar P. Focal loss for dense object
       detection. ICCV 2017:2999-3007. doi:10.1109/ICCV.2017.324

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import ECGFilter, ECGScaler, LVHLSTMClassifier, make_lvh_ecg
    >>> X, y = make_lvh_ecg(40, fs=100, random_state=0, return_X_y=True)
    >>> classifier = LVHLSTMClassifier(
    ...     units=(8,), conv_filters=(8, 8), conv_kernel_sizes=5, pool_size=4, epochs=2
    ... )
    >>> pipeline = make_pipeline(ECGFilter(fs=100), ECGScaler(), classifier)
    >>> pipeline.fit(X, y).predict_proba(X).shape
    (40, 2)

    The plain network of the tutorials:

    >>> from skecg.networks import PLAIN_LSTM
    >>> plain = LVHLSTMClassifier(**PLAIN_LSTM, random_state=0)
    """

    _builder = staticmethod(build_lstm)
    _parameter_constraints: dict = {
        **NetworkClassifier._parameter_constraints,
        "units": ["array-like"],
        "bidirectional": ["boolean"],
        "lstm_dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "conv_filters": ["array-like"],
        "conv_kernel_sizes": SIZES,
        "pool_size": [AT_LEAST_ONE],
        "batch_norm": ["boolean"],
        "pooling": [StrOptions({"average_max", "average", "max", "last"})],
    }

    def __init__(
        self,
        units=(64,),
        *,
        bidirectional=True,
        lstm_dropout=0.0,
        conv_filters=(32, 64, 128),
        conv_kernel_sizes=None,
        pool_size=2,
        batch_norm=True,
        pooling="average_max",
        dense_units=(64,),
        dropout=0.5,
        optimizer="adam",
        learning_rate=0.001,
        weight_decay=None,
        clipnorm=1.0,
        epochs=10,
        crop_length=None,
        n_crops=5,
        augmenter=None,
        schedule="one_cycle",
        batch_size=64,
        focal_gamma=0.0,
        label_smoothing=0.0,
        aux_weight=0.2,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        patience=5,
        monitor="val_loss",
        weights=None,
        freeze=None,
        random_state=None,
        verbose=0,
        progress_bar=False,
        callbacks=None,
    ):
        self._store(locals())
