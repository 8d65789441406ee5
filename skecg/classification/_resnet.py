"""The residual classifier."""

from numbers import Integral

from skecg.classification._base import NetworkClassifier
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

    schedule : {"one_cycle", "cosine", "constant"}, default="one_cycle"
        Course of the learning rate: up from a tenth over the first quarter of all
        steps and down to zero along a cosine; down along a cosine from the start; or
        constant.

    weight_decay : float, default=0.03
        Decoupled weight decay per step, relative to the learning rate. None means the
        optimizer's own: 0.004 for ``"adamw"``, none for the others.

    clipnorm : float, default=1.0
        Largest norm of all gradients together; larger ones are scaled down.

    focal_gamma : float, default=0.0
        Exponent of the focal loss [1]_, which gives less weight to records that are
        classified well already; 2 is usual, 0 is cross-entropy.

    label_smoothing : float, default=0.0
        Share of each label that is spread evenly over the classes.

    aux_weight : float, default=0.2
        Weight in the loss of the cross-entropy of each auxiliary target (`aux` of
        `fit`).

    batch_size : int, default=64
        Records per step.

    epochs : int, default=16
        Passes over the training records.

    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss; ``"balanced"`` weighs classes inversely to
        their frequency. The validation loss is not weighted.

    early_stopping : bool, default=False
        Stop when `monitor` no longer improves, and keep the best epoch's weights.
        Unless `fit` gets `X_val` and `y_val`, it holds records of X out, stratified.
        The records of a patient (`groups`, or a labelled X) and copies stay together.

    validation_fraction : float, default=0.1
        Share of the records that early stopping holds out; approximate where whole
        patients are held out.

    patience : int, default=5
        Epochs without improvement after which to stop.

    monitor : {"val_loss", "val_auc", "val_accuracy"}, default="val_loss"
        What early stopping watches; ``"val_auc"`` for two classes only.

    crop_length : int, float or None, default=0.4
        Length of the crops of records that the network takes: in samples (2 or more),
        or a float as a share of the record. In training, crops are drawn at random,
        which reduces overfitting. None takes whole records.

    n_crops : int, default=5
        Crops, spread evenly over a record, whose probabilities are averaged in
        prediction. Without effect where the network takes whole records.

    augmenter : object, default=None
        Changes the records of each training batch with its method
        ``augment(records, random_state)``, as :class:`~skecg.ECGAugmenter` does.

    weights : str, path-like or estimator, default=None
        Pretrained weights to start from: the name of weights in the package
        (``"ptbxl"``), a file that `save_weights` wrote, or a fitted classifier; give
        ``FrozenEstimator(fitted)`` to searches, which clone it. All layers before the
        dense ones must be the same; dense layers of other sizes start from random
        numbers. Preprocess records like those that the weights were trained on.

    freeze : {"body"} or None, default=None
        ``"body"`` trains the dense layers only.

    random_state : int, RandomState instance or None, default=None
        Seeds the weights, the order of records, their crops and augmentation, dropout
        and the inner split. An int gives the same network every time on the same
        machine.

    verbose : int, default=0
        1 shows Keras' progress bar, 2 one line an epoch.

    progress_bar : bool, default=False
        Show a bar of tqdm over the epochs, which vanishes when the fit ends.

    callbacks : list of keras.callbacks.Callback, default=None
        Your own callbacks, such as TensorBoard, CSVLogger or ModelCheckpoint. Each fit
        trains with copies of them, and a fitted classifier is pickled without them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; of two, the second is the positive one.

    estimator_ : skecg.training.TrainedNetwork
        The trained weights. ``estimator_.model_`` is the Keras model and
        ``estimator_.keras_classifier_`` SciKeras' wrapper of it.

    history_ : dict of str to list of float
        Loss, accuracy and, for two classes, AUROC (``"auc"``) of each epoch, and the
        same with the prefix ``val_`` where there are validation records.

    n_epochs_ : int
        Number of epochs trained.

    calibration_ : tuple of float or None
        Slope and intercept that calibrate the log-odds of shipped models
        (:func:`~skecg.load_pretrained`); None after `fit`.

    amplitude_ : float
        Typical amplitude of the training records. Prediction refuses records that are
        a hundred times larger, and smaller ones where this is over 10, as they must be
        in another unit.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

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
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "stem_filters": [Interval(Integral, 1, None, closed="left")],
        "stem_kernel_size": [Interval(Integral, 1, None, closed="left")],
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
        schedule="one_cycle",
        weight_decay=0.03,
        clipnorm=1.0,
        focal_gamma=0.0,
        label_smoothing=0.0,
        aux_weight=0.2,
        batch_size=64,
        epochs=16,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        patience=5,
        monitor="val_loss",
        crop_length=0.4,
        n_crops=5,
        augmenter=None,
        weights=None,
        freeze=None,
        random_state=None,
        verbose=0,
        progress_bar=False,
        callbacks=None,
    ):
        self._store(locals())
