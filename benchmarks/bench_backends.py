"""Train from the same weights on one of Keras' backends, and show losses and times.

    KERAS_BACKEND=jax python benchmarks/bench_backends.py [--steps 40] [--uncompiled]

Run it once for each backend, and compare the lines. On JAX it also counts the maxima
over time whose slope the compiled gradient loses.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from skecg.networks import build_cnn, build_lstm, build_resnet
from skecg.training import Architecture, Optimization
from skecg.training._pool import _compile

BATCH_SIZE = 32
NETWORKS = {"CNN": build_cnn, "ResNet": build_resnet, "LSTM": build_lstm}


def make_records(n_records=512, n_times=250, n_leads=12):
    """Make noise, in which records of class 1 have a bump in three leads."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_records, n_times, n_leads), dtype=np.float32)
    y = rng.integers(0, 2, n_records)
    for record, label, start in zip(
        X, y, rng.integers(20, 200, n_records), strict=True
    ):
        record[start : start + 8, :3] += 2 * label
    return X, y.astype(np.float32)


def make_model(builder, input_shape):
    """Compile a network as skecg does, with weights that no backend draws."""
    architecture = Architecture(builder, input_shape, 2, (("dropout", 0.0),))
    model = _compile(architecture, Optimization("adam"))
    model.optimizer.learning_rate.assign(1e-3)
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        if len(variable.shape) > 1:
            scale = np.sqrt(2 / np.prod(variable.shape[:-1]))
            variable.assign(scale * rng.standard_normal(variable.shape))
    return model


def train(name, n_steps, is_compiled):
    """Train a network; print the time of the steps and some losses."""
    X, y = make_records()
    model = make_model(NETWORKS[name], X.shape[1:])
    model.jit_compile = model.jit_compile and is_compiled
    losses, times = [], []
    for step in range(n_steps):
        start = time.perf_counter()
        batch = np.arange(step * BATCH_SIZE, (step + 1) * BATCH_SIZE) % len(X)
        model.reset_metrics()
        losses.append(float(model.train_on_batch(X[batch], y[batch])[0]))
        times.append(time.perf_counter() - start)
    shown = " ".join(f"{losses[k]:.4f}" for k in (0, 1, *range(9, n_steps, 10)))
    way = "" if is_compiled else ", `--uncompiled`"
    print(
        f"| {name} | {keras.backend.backend()}{way} | {times[0]:.1f} "
        f"| {1000 * np.median(times[1:]):.0f} | {shown} |"
    )


def count_lost_slopes():
    """Count the maxima over time that have a slope, compiled by JAX and not."""
    import jax

    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 5, 64, 8)).astype(np.float32)
    weights = rng.normal(size=(5, 1, 8)).astype(np.float32)

    def maximum(x, z, weights):
        return jax.nn.relu(z * weights + x / 3).max(axis=1).sum()

    def pooled(x, z, weights):
        values = jax.nn.relu(z * weights + x / 3)
        return keras.layers.MaxPooling1D(64)(values).sum()

    print(f"\nSlopes at 40 maxima over time, JAX {jax.__version__}:")
    for function in (maximum, pooled):
        slope = jax.grad(function)
        for way, found in {"uncompiled": slope, "compiled": jax.jit(slope)}.items():
            n_slopes = np.count_nonzero(found(x, z, weights))
            print(f"  {function.__name__}, {way}: {n_slopes}")


def main():
    """Train each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40, help="at least 2")
    parser.add_argument("--uncompiled", action="store_true", help="JAX without XLA")
    args = parser.parse_args()
    if args.steps < 2:
        parser.error("--steps must be at least 2, as the first compiles.")
    print("| network | backend | first step, s | later, ms | losses |")
    print("|---|---|---|---|---|")
    for name in NETWORKS:
        train(name, args.steps, not args.uncompiled)
    if keras.backend.backend() == "jax":
        count_lost_slopes()


if __name__ == "__main__":
    main()
