"""The networks that the engine's benchmarks train, in Keras and in PyTorch.

Both forms of a network have the same layers and number of weights: the CNN and LSTM of
many tutorials, and a small residual network.
"""

from functools import partial
from inspect import signature

from skecg.networks import PLAIN_CNN, PLAIN_LSTM, build_cnn, build_lstm

N_TIMES, N_LEADS = 1000, 12


def build_resnet(input_shape, n_classes=2, *, n_aux=0):
    """Build a stem and four residual blocks, each of half the length.

    `n_aux` is what skecg gives its builders; there are no auxiliary targets here.
    """
    import keras
    from keras import layers

    def convolve(x, n_filters, size, stride):
        x = layers.Conv1D(
            n_filters, size, strides=stride, padding="same", use_bias=False
        )(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    inputs = keras.Input(input_shape)
    x = layers.Activation("relu")(convolve(inputs, 32, 7, 2))
    for n_filters in (32, 64, 128, 128):
        shortcut = convolve(x, n_filters, 1, 2)
        x = layers.Activation("relu")(convolve(x, n_filters, 5, 2))
        x = convolve(x, n_filters, 5, 1)
        x = layers.Activation("relu")(layers.Add()([x, shortcut]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


def build(builder, parameters):
    """Return a builder with those of a classifier's parameters that it takes."""
    names = signature(builder).parameters
    return partial(builder, **{k: v for k, v in parameters.items() if k in names})


KERAS = {
    "plain CNN": build(build_cnn, PLAIN_CNN),
    "small ResNet": build_resnet,
    "plain LSTM": build(build_lstm, PLAIN_LSTM),
}


def make_torch_network(name):
    """Build the PyTorch form; it takes (n, n_leads, n_times) and returns logits."""
    from torch import nn

    class Residual(nn.Module):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.shortcut = nn.Sequential(
                nn.Conv1d(n_in, n_out, 1, 2, bias=False), nn.BatchNorm1d(n_out)
            )
            self.body = nn.Sequential(
                nn.Conv1d(n_in, n_out, 5, 2, padding=2, bias=False),
                nn.BatchNorm1d(n_out),
                nn.ReLU(),
                nn.Conv1d(n_out, n_out, 5, padding=2, bias=False),
                nn.BatchNorm1d(n_out),
            )

        def forward(self, x):
            return (self.body(x) + self.shortcut(x)).relu()

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.LSTM(N_LEADS, 64, batch_first=True)
            self.second = nn.LSTM(64, 128, batch_first=True)
            self.drop = nn.Dropout(0.5)
            self.head = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

        def forward(self, x):
            x = self.drop(self.first(x.transpose(1, 2))[0])
            return self.head(self.drop(self.second(x)[0][:, -1]))

    if name == "plain LSTM":
        return Recurrent()
    if name == "plain CNN":
        return nn.Sequential(
            *(nn.Conv1d(N_LEADS, 64, 5), nn.ReLU(), nn.MaxPool1d(2)),
            *(nn.Conv1d(64, 128, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten()),
            *(nn.Linear(128 * 248, 128), nn.ReLU(), nn.Dropout(0.5)),
            *(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1)),
        )
    return nn.Sequential(
        nn.Conv1d(N_LEADS, 32, 7, 2, padding=3, bias=False),
        *(nn.BatchNorm1d(32), nn.ReLU()),
        *(Residual(32, 32), Residual(32, 64), Residual(64, 128), Residual(128, 128)),
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(128, 1)),
    )
