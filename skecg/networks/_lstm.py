"""A recurrent network for ECG records."""

from collections.abc import Sequence
from typing import Any

from skecg.networks._layers import (
    convolutions,
    dense_head,
    pool_over_time,
    rates_of,
    sizes_of,
)
from skecg.networks._settings import standard_settings


@standard_settings()
def build_lstm(
    input_shape: tuple[int, int],
    n_classes: int = 2,
    *,
    units: Sequence[int] = (64,),
    bidirectional: bool = True,
    lstm_dropout: Sequence[float] | float = 0.0,
    conv_filters: Sequence[int] = (32, 64, 128),
    conv_kernel_sizes: Sequence[int] | int | None = None,
    pool_size: int = 2,
    batch_norm: bool = True,
    pooling: str = "average_max",
    dense_units: Sequence[int] = (64,),
    dropout: Sequence[float] | float = 0.5,
    n_aux: int = 0,
) -> Any:
    """Build LSTM layers on a sequence shortened by convolutions, uncompiled.

    Parameters
    ----------
    input_shape : tuple of (int, int)
        Samples in time and leads of a record.
    n_classes : int, default=2
        Number of classes.
    units : sequence of int
        Units of each LSTM layer.
    bidirectional : bool, default=True
        Run each LSTM layer in both directions.
    lstm_dropout : float or sequence of float, default=0.0
        Share of outputs dropped in training after each LSTM layer.
    conv_filters : sequence of int
        Filters of each convolution before the LSTM; empty for none, which lets the
        recurrence run over every sample and takes many times as long.
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
        If a parameter's values are out of range or have the wrong number.

    Examples
    --------
    >>> build_lstm((1000, 12)).output_shape
    (None, 1)
    """
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    x = convolutions(
        inputs,
        conv_filters,
        conv_kernel_sizes,
        pool_size=pool_size,
        padding="same",
        batch_norm=batch_norm,
        prefix="conv_",
    )
    units = sizes_of(units, "units")
    if not units:
        raise ValueError("units must name at least one LSTM layer, but is empty.")
    rates = rates_of(lstm_dropout, len(units), "lstm_dropout")
    for k, (n_units, rate) in enumerate(zip(units, rates, strict=True)):
        is_last = k == len(units) - 1
        lstm = layers.LSTM(n_units, return_sequences=not is_last or pooling != "last")
        x = layers.Bidirectional(lstm)(x) if bidirectional else lstm(x)
        if rate:
            x = layers.Dropout(rate)(x)
    if pooling != "last":
        x = pool_over_time(x, pooling)
    return keras.Model(inputs, dense_head(x, n_classes, dense_units, dropout, n_aux))
