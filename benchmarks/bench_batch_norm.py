"""What batch normalization costs in training the small ResNet of bench_fit.py.

    python benchmarks/bench_batch_norm.py [--rounds 12]

The same network is trained with Keras' layer, with TensorFlow's fused operation in its
place, and without any; all have their turn in each round, and ratios are medians.
"""

import argparse
import os
import time
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from networks import build_resnet

BATCH, STEPS = 32, 5


class Fused(keras.layers.BatchNormalization):
    """Batch normalization by one operation of TensorFlow."""

    def call(self, x, training=None, mask=None):
        """Normalize in training as ``tf.nn.fused_batch_norm`` does."""
        if not training:
            return super().call(x, training=training, mask=mask)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x[:, None], self.gamma, self.beta, epsilon=self.epsilon
        )[:3]
        for moving, new in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(self.momentum * moving + (1 - self.momentum) * new)
        return y[:, 0]


class Nothing(keras.layers.Layer):
    """A layer that takes what batch normalization takes, and changes nothing."""

    def __init__(self, momentum):
        super().__init__()

    def call(self, x):
        """Return the input."""
        return x


def main():
    """Train the three in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    X = tf.constant(rng.normal(size=(BATCH, 1000, 12)).astype(np.float32))
    y = tf.constant((np.arange(BATCH) % 2).astype(np.float32)[:, None])
    forms = {
        "Keras' layer": keras.layers.BatchNormalization,
        "TensorFlow's fused operation": Fused,
        "none": Nothing,
    }
    models = {}
    for name, layer in forms.items():
        with mock.patch.object(keras.layers, "BatchNormalization", layer):
            models[name] = build_resnet((1000, 12))
        models[name].compile("adam", "binary_crossentropy", jit_compile=False)
        models[name].train_on_batch(X, y)
    speeds = {name: [] for name in models}
    for _ in range(args.rounds):
        for name, model in models.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                model.train_on_batch(X, y)
            speeds[name].append(BATCH * STEPS / (time.perf_counter() - start))
    usual = np.array(speeds["Keras' layer"])
    print("| batch normalization | records/s | against Keras' layer |\n|---|---|---|")
    for name, speed in speeds.items():
        ratio = np.median(np.array(speed) / usual)
        print(f"| {name} | {np.median(speed):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
