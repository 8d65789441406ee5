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
    units, bidirectional, lstm_dropout : optional
        The recurrent layers, as in :class:`skecg.LVHLSTMClassifier`.
    conv_filters, conv_kernel_sizes, pool_size, batch_norm : optional
        The convolutions before them, likewise. Without any, the recurrence runs over
        every sample and takes many times as long.
    pooling : optional
        How the sequence becomes one vector, likewise.
    dense_units, dropout : optional
        The dense layers before the output, likewise.
    n_aux : int, default=0
        Number of auxiliary targets, which have outputs of their own.

    Returns
    -------
    keras.Model
        With the input and the output of :func:`build_cnn`.

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
        raise ValueError(
            "units must name at least one LSTM layer, but is empty; give (64,), or "
            "use build_cnn."
        )
    rates = rates_of(lstm_dropout, len(units), "lstm_dropout")
    # Dropout is of outputs; an LSTM's own argument would drop inputs instead.
    for k, (n_units, rate) in enumerate(zip(units, rates, strict=True)):
        is_last = k == len(units) - 1
        lstm = layers.LSTM(n_units, return_sequences=not is_last or pooling != "last")
        x = layers.Bidirectional(lstm)(x) if bidirectional else lstm(x)
        if rate:
            x = layers.Dropout(rate)(x)
    if pooling != "last":
        x = pool_over_time(x, pooling)
    return keras.Model(inputs, dense_head(x, n_classes, dense_units, dropout, n_aux))
