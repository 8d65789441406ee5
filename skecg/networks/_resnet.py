"""A residual network for ECG records."""

from collections.abc import Sequence
from typing import Any

from skecg.networks._layers import convolutions, dense_head, pool_over_time, sizes_of
from skecg.networks._settings import standard_settings


@standard_settings()
def build_resnet(
    input_shape: tuple[int, int],
    n_classes: int = 2,
    *,
    filters: Sequence[int] = (64, 128, 128, 256),
    kernel_size: int = 5,
    stem_filters: int = 32,
    stem_kernel_size: int = 7,
    squeeze: int = 8,
    pooling: str = "average_max",
    dense_units: Sequence[int] = (128,),
    dropout: Sequence[float] | float = 0.5,
    n_aux: int = 0,
) -> Any:
    """Build a residual network with squeeze and excitation, uncompiled.

    Parameters
    ----------
    input_shape : tuple of (int, int)
        Samples in time and leads of a record.
    n_classes : int, default=2
        Number of classes.
    filters, kernel_size, stem_filters, stem_kernel_size, squeeze, pooling : optional
        The convolutions, as in :class:`skecg.LVHResNetClassifier`. Maxima over pairs of
        samples follow the first one, so that narrow R waves keep their height.
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

    References
    ----------
    .. [1] He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition.
       CVPR 2016:770-778. doi:10.1109/CVPR.2016.90
    .. [2] Hu J, Shen L, Sun G. Squeeze-and-excitation networks. CVPR 2018:7132-7141.
       doi:10.1109/CVPR.2018.00745

    Examples
    --------
    >>> build_resnet((400, 12)).output_shape
    (None, 1)
    """
    import keras

    inputs = keras.Input(input_shape)
    x = convolutions(
        inputs,
        [stem_filters],
        stem_kernel_size,
        pool_size=2,
        padding="same",
        batch_norm=True,
        prefix="stem_",
    )
    for n_filters in sizes_of(filters, "filters"):
        x = _residual_block(x, n_filters, kernel_size, squeeze)
    x = pool_over_time(x, pooling)
    return keras.Model(inputs, dense_head(x, n_classes, dense_units, dropout, n_aux))


def _residual_block(x: Any, n_filters: int, kernel_size: int, squeeze: int) -> Any:
    """Add the output of two convolutions to the sequence, and halve its length."""
    from keras import layers

    # Averages shorten the shortcut as much as strides shorten the convolution.
    shortcut = layers.AveragePooling1D(2, padding="same")(x)
    if shortcut.shape[-1] != n_filters:
        shortcut = _normalized_convolution(shortcut, n_filters, 1)
    x = _normalized_convolution(x, n_filters, kernel_size, strides=2)
    x = layers.Activation("relu")(x)
    x = _normalized_convolution(x, n_filters, kernel_size)
    if squeeze:
        x = _weigh_channels(x, max(1, n_filters // squeeze))
    return layers.Activation("relu")(layers.Add()([x, shortcut]))


def _normalized_convolution(
    x: Any, n_filters: int, kernel_size: int, strides: int = 1
) -> Any:
    """Convolve without bias and normalize over the batch."""
    from keras import layers

    x = layers.Conv1D(
        n_filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def _weigh_channels(x: Any, n_squeezed: int) -> Any:
    """Multiply each channel by a weight computed from all channels' averages."""
    from keras import layers

    n_channels = x.shape[-1]
    weights = layers.GlobalAveragePooling1D(keepdims=True)(x)
    # The narrow layer has fewer weights than a square one, which reduces overfitting.
    weights = layers.Dense(n_squeezed, activation="relu")(weights)
    weights = layers.Dense(n_channels, activation="sigmoid")(weights)
    return layers.Multiply()([x, weights])
