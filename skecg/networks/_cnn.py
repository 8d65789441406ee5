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
    filters : sequence of int
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
    dense_units : sequence of int
        Units of each dense layer before the output.
    dropout : float or sequence of float, default=0.5
        Share of units dropped in training after each dense layer.
    n_aux : int, default=0
        Number of auxiliary targets, trained along with the classes.

    Returns
    -------
    keras.Model
        Takes (n, n_times, n_leads), standardized; returns (n, 1) probabilities of
        the second class, or (n, n_classes), and those of the
        auxiliary targets after them.

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
