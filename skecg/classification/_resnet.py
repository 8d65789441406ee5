"""The residual classifier."""

from numbers import Integral

from skecg.classification._base import AT_LEAST_ONE, NetworkClassifier
from skecg.networks import build_resnet
from skecg.utils import Interval, StrOptions


class LVHResNetClassifier(NetworkClassifier):
    """Classify parts of records with a residual network, and average them.

    Parameters
    ----------
    filters : sequence of int, default=(64, 128, 128, 256)
        Filters of each residual block; each halves the sequence.

    kernel_size : int, default=5
        Samples that the convolutions of a block span.

    stem_filters : int, default=32
        Filters of the convolution before the blocks.

    stem_kernel_size : int, default=7
        Samples that it spans.

    squeeze : int, default=8
        Factor by which squeeze and excitation [2]_ narrows a block's channels before
        it weighs them; 0 leaves it out.

    pooling : {"average_max", "average", "max"}, default="average_max"
        How the sequence becomes one vector.

    dense_units : sequence of int, default=(128,)
        Units of each dense layer before the output.

    dropout : float or sequence of float, default=0.5
        Share of units dropped in training after each dense layer.

    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd"}, default="adamw"
        Optimizer of Keras.

    learning_rate : float, default=0.002
        Highest learning rate.

    weight_decay : float, default=0.03
        Decoupled weight decay per step, relative to the learning rate. None means the
        optimizer's own: 0.004 for ``"adamw"``, none for the others.

    clipnorm : float, default=1.0
        Largest norm of all gradients together; larger ones are scaled down.

    epochs : int, default=16
        Passes over the training records.

    crop_length : int, float or None, default=0.4
        Length of the crops of records that the network takes: in samples (2 or more),
        or a float as a share of the record. In training, crops are drawn at random,
        which reduces overfitting. None takes whole records.

    See Also
    --------
    LVHCNNClassifier : The plain convolutional classifier.
    LVHLSTMClassifier : The recurrent classifier.
    skecg.networks.build_resnet : The function that builds the network.

    Notes
    -----
    The defaults suit standardized records of 10 s at 100 Hz, of which the network
    takes 4 s.

    References
    ----------
    .. [1] Lin T-Y, Goyal P, Girshick R, He K, Dollar P. Focal loss for dense object
       detection. ICCV 2017:2999-3007. doi:10.1109/ICCV.2017.324
    .. [2] Hu J, Shen L, Sun G. Squeeze-and-excitation networks. CVPR 2018:7132-7141.
       doi:10.1109/CVPR.2018.00745

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import ECGFilter, ECGScaler, LVHResNetClassifier, make_lvh_ecg
    >>> X, y = make_lvh_ecg(40, fs=100, random_state=0, return_X_y=True)
    >>> classifier = LVHResNetClassifier(filters=(8, 8), stem_filters=8, epochs=2)
    >>> pipeline = make_pipeline(ECGFilter(fs=100), ECGScaler(), classifier)
    >>> pipeline.fit(X, y).predict_proba(X).shape
    (40, 2)
    """

    _builder = staticmethod(build_resnet)
    _parameter_constraints: dict = {
        **NetworkClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [AT_LEAST_ONE],
        "stem_filters": [AT_LEAST_ONE],
        "stem_kernel_size": [AT_LEAST_ONE],
        "squeeze": [Interval(Integral, 0, None, closed="left")],
        "pooling": [StrOptions({"average_max", "average", "max"})],
    }

    def __init__(
        self,
        filters=(64, 128, 128, 256),
        kernel_size=5,
        *,
        stem_filters=32,
        stem_kernel_size=7,
        squeeze=8,
        pooling="average_max",
        dense_units=(128,),
        dropout=0.5,
        optimizer="adamw",
        learning_rate=0.002,
        weight_decay=0.03,
        clipnorm=1.0,
        epochs=16,
        crop_length=0.4,
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
