"""Losses and metrics of training."""


def training_loss(n_classes, focal_gamma, label_smoothing, n_aux, aux_weight):
    """Return the loss of a network's output, for Keras.

    The targets are of shape (n,), or (n, 1 + n_aux) with the classes as integers first
    and NaN for unknown auxiliary targets, each of which adds `aux_weight` times its
    cross-entropy. A `focal_gamma` of 0 is cross-entropy.
    """
    from keras import losses, ops

    if not (focal_gamma or label_smoothing or n_aux):
        if n_classes == 2:
            return "binary_crossentropy"
        return "sparse_categorical_crossentropy"
    binary, categorical = losses.binary_crossentropy, losses.categorical_crossentropy
    # Python's floats take the tensors' type; searches draw NumPy's, which keep theirs.
    options = {"label_smoothing": float(label_smoothing)}
    if focal_gamma:
        binary = losses.binary_focal_crossentropy
        categorical = losses.categorical_focal_crossentropy
        options["gamma"] = float(focal_gamma)
        if n_classes > 2:
            # Keras' default of 0.25 would scale the loss of all classes alike.
            options["alpha"] = 1.0

    def of_classes(y_true, y_pred):
        if n_classes == 2:
            return binary(y_true, y_pred, **options)
        one_hot = ops.one_hot(ops.cast(y_true[:, 0], "int32"), n_classes)
        return categorical(one_hot, y_pred, **options)

    def of_auxiliary_targets(y_true, y_pred):
        # Replaced before the logarithm: a gradient of NaN stays NaN even times 0.
        known = ops.logical_not(ops.isnan(y_true))
        y_true = ops.where(known, y_true, 0.0)
        losses = ops.binary_crossentropy(y_true, y_pred)
        return ops.sum(ops.where(known, losses, 0.0), axis=1)

    n_outputs = outputs_of_classes(n_classes)

    def loss(y_true, y_pred):
        y_true = ops.reshape(y_true, (-1, 1 + n_aux))
        result = of_classes(y_true[:, :1], y_pred[:, :n_outputs])
        if n_aux:
            result += float(aux_weight) * of_auxiliary_targets(
                y_true[:, 1:], y_pred[:, n_outputs:]
            )
        return result

    return loss


def training_metrics(n_classes, n_aux):
    """Return accuracy and, for two classes, AUROC, of the classes alone."""
    from keras import metrics

    kinds = [(metrics.SparseCategoricalAccuracy, "accuracy")]
    if n_classes == 2:
        kinds = [(metrics.BinaryAccuracy, "accuracy"), (metrics.AUC, "auc")]
    if not n_aux:
        return [kind(name=name) for kind, name in kinds]
    n_outputs = outputs_of_classes(n_classes)
    return [_first_columns(kind, n_outputs)(name=name) for kind, name in kinds]


def outputs_of_classes(n_classes):
    """Return how many outputs of a network belong to the classes."""
    return 1 if n_classes == 2 else n_classes


def _first_columns(kind, n_outputs):
    """Return a kind of metric that leaves auxiliary targets out."""

    class OfClasses(kind):
        def update_state(self, y_true, y_pred, sample_weight=None):
            return super().update_state(
                y_true[:, :1], y_pred[:, :n_outputs], sample_weight
            )

    return OfClasses
