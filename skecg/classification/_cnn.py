"""The convolutional classifier."""

from skecg.classification._base import AT_LEAST_ONE, SIZES, NetworkClassifier
from skecg.networks import build_cnn
from skecg.utils import StrOptions


class LVHCNNClassifier(NetworkClassifier):
    """Classify records with a convolutional network.

    Parameters
    ----------
    filters : sequence of int, default=(32, 64, 128, 128, 256)
        Filters of each convolution.

    kernel_sizes : int, sequence of int or None, default=None
        Samples that each convolution spans. None means 7 for the first and 5 for the
        others.

    pool_size : int, default=2
        Factor by which max pooling shortens the sequence after each convolution.

    padding : {"same", "valid"}, default="same"
        Whether convolutions and pooling pad the ends of the sequence.

    batch_norm : bool, default=True
        Normalize each convolution's output over the batch.

    pooling : {"average_max", "average", "max", "flatten"}, default="average_max"
        How the sequence becomes one vector.

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

    clipnorm : float, default=None
        Largest norm of all gradients together; larger ones are scaled down.

    epochs : int, default=12
        Passes over the training records.

    crop_length : int, float or None, default=None
        Length of the crops of records that the network takes: in samples (2 or more),
        or a float as a share of the record. In training, crops are drawn at random,
        which reduces overfitting. None takes whole records.

    See Also
    --------
    LVHLSTMClassifier : The recurrent classifier.
    skecg.networks.build_cnn : The function that builds the network.

    Notes
    -----
    The defaults suit standardized records of 10 s at 100 Hz. The network that many
    tutorials use has its parameters in ``skecg.networks.PLAIN_CNN``. On whole records
    it has four million weights, nearly all of them behind Flatten, and overfits.

    References
    ----------
    .. [1] Lin T-Y, Goyal P, Girshick R, He K, Dollar P. Focal loss for dense object
       detection. ICCV 2017:2999-3007. doi:10.1109/ICCV.2017.324

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import ECGFilter, ECGScaler, LVHCNNClassifier, make_lvh_ecg
    >>> X, y = make_lvh_ecg(40, fs=100, random_state=0, return_X_y=True)
    >>> classifier = LVHCNNClassifier(filters=(8, 8), kernel_sizes=5, epochs=2)
    >>> pipeline = make_pipeline(ECGFilter(fs=100), ECGScaler(), classifier)
    >>> pipeline.fit(X, y).predict_proba(X).shape
    (40, 2)

    The plain network of the tutorials:

    >>> from skecg.networks import PLAIN_CNN
    >>> plain = LVHCNNClassifier(**PLAIN_CNN, random_state=0)
    """

    _builder = staticmethod(build_cnn)
    _parameter_constraints: dict = {
        **NetworkClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_sizes": SIZES,
        "pool_size": [AT_LEAST_ONE],
        "padding": [StrOptions({"same", "valid"})],
        "batch_norm": ["boolean"],
        "pooling": [StrOptions({"average_max", "average", "max", "flatten"})],
    }

    def __init__(
        self,
        filters=(32, 64, 128, 128, 256),
        kernel_sizes=None,
        *,
        pool_size=2,
        padding="same",
        batch_norm=True,
        pooling="average_max",
        dense_units=(64,),
        dropout=0.5,
        optimizer="adam",
        learning_rate=0.001,
        weight_decay=None,
        clipnorm=None,
        epochs=12,
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
