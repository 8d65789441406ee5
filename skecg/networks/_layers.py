"""Pieces that the architectures share."""

from collections.abc import Sequence
from typing import Any, SupportsFloat, SupportsIndex

HEAD = "head"
"""Prefix of the names of the layers after the body."""

AUX = "aux"
"""Name of the output layer of the auxiliary targets."""


def sizes_of(values: Any, name: str) -> list[int]:
    """Return numbers of filters, units or samples as integers of at least 1."""
    values = list(values)
    # NumPy's integers, which searches draw, are no `int`.
    if all(isinstance(size, SupportsIndex) and int(size) >= 1 for size in values):
        return [int(size) for size in values]
    raise ValueError(f"{name} must be integers of 1 or more, but got {values}.")


def rates_of(values: Any, n_layers: int, name: str) -> list[float]:
    """Return a dropout rate in [0, 1) for each layer, from one number or several."""
    rates = per_layer(values, n_layers, name)
    if all(isinstance(rate, SupportsFloat) and 0 <= float(rate) < 1 for rate in rates):
        return [float(rate) for rate in rates]
    raise ValueError(f"{name} must be numbers from 0 to below 1, but got {rates}.")


def per_layer(value: Any, n_layers: int, name: str) -> list:
    """Return one value for each layer, from one value or one for each."""
    if not isinstance(value, Sequence):
        return [value] * n_layers
    if len(value) != n_layers:
        raise ValueError(
            f"{name}={tuple(value)} has {len(value)} values for {n_layers} layers; "
            "give one value for all of them, or one for each."
        )
    return list(value)


def convolutions(
    x: Any,
    filters: Sequence[int],
    kernel_sizes: Sequence[int] | int | None,
    *,
    pool_size: int,
    padding: str,
    batch_norm: bool,
    prefix: str = "",
) -> Any:
    """Convolve, normalize, activate and pool, once for each of `filters`.

    `kernel_sizes` None means 7 samples at first and 5 after; `prefix` stands before
    the parameters' names in errors.
    """
    from keras import layers

    filters = sizes_of(filters, f"{prefix}filters")
    name = f"{prefix}kernel_sizes"
    if kernel_sizes is None:
        kernel_sizes = [7, *[5] * len(filters)][: len(filters)]
    sizes = sizes_of(per_layer(kernel_sizes, len(filters), name), name)
    for n_filters, size in zip(filters, sizes, strict=True):
        _check_long_enough(x, size, pool_size, padding)
        # Normalization subtracts the mean, and with it any bias.
        x = layers.Conv1D(n_filters, size, padding=padding, use_bias=not batch_norm)(x)
        if batch_norm:
            # Keras' momentum of 0.99 needs hundreds of batches to settle.
            x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling1D(pool_size, padding=padding)(x)
    return x


def pool_over_time(x: Any, pooling: str) -> Any:
    """Reduce a sequence to one vector."""
    from keras import layers

    if pooling == "flatten":
        # Each sample then has weights of its own in the next dense layer.
        return layers.Flatten()(x)
    if pooling == "average":
        return layers.GlobalAveragePooling1D()(x)
    if pooling == "max":
        return _maximum_over_time(x)
    return layers.Concatenate()(
        [layers.GlobalAveragePooling1D()(x), _maximum_over_time(x)]
    )


def _maximum_over_time(x: Any) -> Any:
    """Reduce a sequence to its maxima.

    On JAX, the gradient of a maximum goes to the values that equal it. XLA computes
    these values again, may round them differently, and then finds none. The gradient
    of pooling goes to the largest value and has no such problem.
    """
    import keras
    from keras import layers

    if keras.backend.backend() == "jax":
        return layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return layers.GlobalMaxPooling1D()(x)


def dense_head(
    x: Any,
    n_classes: int,
    dense_units: Sequence[int],
    dropout: Sequence[float] | float,
    n_aux: int = 0,
) -> Any:
    """Add dense layers with dropout and the layer of class probabilities.

    Two classes share one sigmoid unit, the probability of the second class; more
    classes have a softmax unit each. Auxiliary targets follow the classes in the
    output, with a sigmoid unit each.
    """
    from keras import layers

    dense_units = sizes_of(dense_units, "dense_units")
    rates = rates_of(dropout, len(dense_units), "dropout")
    body = x
    # A fit that starts from other weights tells the head from the body by these names.
    for k, (n_units, rate) in enumerate(zip(dense_units, rates, strict=True)):
        x = layers.Dense(n_units, activation="relu", name=f"{HEAD}_{k}")(x)
        if rate:
            x = layers.Dropout(rate, name=f"{HEAD}_dropout_{k}")(x)
    n_units, activation = (1, "sigmoid") if n_classes == 2 else (n_classes, "softmax")
    x = layers.Dense(n_units, activation=activation, name=f"{HEAD}_classes")(x)
    if not n_aux:
        return x
    # The targets take the body's output, so that the dense layers serve the classes.
    aux = layers.Dense(n_aux, activation="sigmoid", name=AUX)(body)
    return layers.Concatenate()([x, aux])


def _check_long_enough(x: Any, kernel_size: int, pool_size: int, padding: str) -> None:
    """Raise if "valid" padding leaves nothing of the sequence."""
    needed = kernel_size + pool_size - 1
    if padding == "valid" and x.shape[1] < needed:
        raise ValueError(
            f"A sequence of {x.shape[1]} samples is too short for a convolution of "
            f"{kernel_size} and pooling of {pool_size} with padding='valid', which "
            f"need {needed}; use padding='same', fewer layers or longer records."
        )
