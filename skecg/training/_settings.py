"""Settings of Keras, scikit-learn and TensorFlow while a network trains or runs."""

import functools
import os
import sys
from contextlib import contextmanager, suppress

from sklearn import config_context

from skecg.networks import standard_settings


@contextmanager
def undisturbed():
    """Train or run a network whatever global settings the user has; also a decorator.

    Raises
    ------
    RuntimeError
        In a scope of ``tf.distribute``: its variables belong to the strategy, and a
        kept model would hold them after the scope is left.
    """
    # Without TensorFlow there is no such scope, and nothing to import it for.
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and tensorflow.distribute.has_strategy():
        name = type(tensorflow.distribute.get_strategy()).__name__
        raise RuntimeError(
            f"The networks of skecg do not run in a scope of tf.distribute ({name}); "
            "leave the scope, and use n_jobs to run several fits at once."
        )
    _share_cores()
    # With transform_output="pandas", SciKeras' encoders would return data frames.
    with standard_settings(), config_context(transform_output="default"):
        yield


@functools.cache
def _share_cores():
    """Use as many threads as joblib leaves to each of its worker processes.

    joblib sets OMP_NUM_THREADS, which TensorFlow does not read.
    """
    import keras

    n_threads = os.environ.get("OMP_NUM_THREADS", "")
    is_set = "TF_NUM_INTRAOP_THREADS" in os.environ or not n_threads.isdecimal()
    if is_set or keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    # Threads between operations stay as they are: with one of them, each step waits for
    # batches and its own operations in turn, and took two to three times as long.
    with suppress(RuntimeError):  # TensorFlow has started already
        tf.config.threading.set_intra_op_parallelism_threads(int(n_threads))
