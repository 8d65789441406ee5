"""A convolutional network for ECG records."""

from collections.abc import Sequence
from typing import Any

from skecg.networks._layers import convolutions, dense_head, pool_over_time
from skecg.networks._settings import standard_settings


@standard_settings()
def build_cnn(
    input_shape: tuple[int, int],
    n_classes: int = 2,
    *,
    filters: Sequence[int] = (32, 64, 128, 128, 256),
    kernel_sizes: Sequence[int] | int | None = None,
    pool_size: int = 2,
    padding: str = "same",
    batch_norm: bool = True,
    pooling: str = "average_max",
    dense_units: Sequence[int] = (64,),
    dropout: Sequence[float] | float = 0.5,
    n_aux: int = 0,
) -> Any:
    """Build a convolutional network, uncompiled.

    Parameters
    ----------
    input_shape : tuple of (int, int)
        Samples in time and leads of a record.
    n_classes : int, default=2
        Number of classes.
    filters, kernel_sizes, pool_size, padding, batch_norm, pooling : optional
        The convolutions, as in :class:`skecg.LVHCNNClassifier`.
    dense_units, dropout : optional
        The dense layers before the output, likewise.
    n_aux : int, default=0
        Number of auxiliary targets, which have outputs of their own.

    Returns
    -------
    keras.Model
        It takes standardized records of shape (n, n_times, n_leads). It returns
        probabilities: one column of the second of two classes, or one of each class;
        then one of each auxiliary target.

    Raises
    ------
    ValueError
        If a sequence of parameters has the wrong length, or records are too short.

    Examples
    --------
    >>> build_cnn((1000, 12)).output_shape
    (None, 1)
    """
    import keras

    inputs = keras.Input(input_shape)
    x = convolutions(
        inputs,
        filters,
        kernel_sizes,
        pool_size=pool_size,
        padding=padding,
        batch_norm=batch_norm,
    )
    x = pool_over_time(x, pooling)
    return keras.Model(inputs, dense_head(x, n_classes, dense_units, dropout, n_aux))
