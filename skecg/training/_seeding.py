"""The weights of a newly built network, without building it.

A kept model gets the weights that a new one would have, so that a fit need not build,
compile and trace a network: a fit of a small CNN takes 0.2 s instead of 2.1 s, and 40
fits keep less than 10 MB of memory, which Keras never frees wholly.

This is the one file that depends on how Keras seeds its layers, which is not part of
its interface: each layer draws a seed from Python's global generator when it is made.
The draws are repeated here. Tests compare the weights of every architecture with those
of new models.
"""

import random
import threading
from contextlib import contextmanager

import numpy as np

_LARGEST_SEED = 10**9  # as in keras.src.random.seed_generator.make_default_seed
_MOST_SEEDS = 1000  # several times those of the largest network
_building = threading.Lock()  # Python's generator is shared by all threads


@contextmanager
def keras_seeded_with(seed):
    """Seed the layers that are made inside; Python's generator is left as it was."""
    import keras  # noqa: F401 - some versions draw from it when imported

    with _building:
        state = random.getstate()
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(state)


def initial_weights(model):
    """Return a function of a seed that gives the weights a new model would have.

    `model` is one of ``Architecture.build(seed=0)``. The function returns a list of
    arrays for ``model.variables``, equal to those of ``Architecture.build(seed)``.
    """
    initializers = {}
    for layer in model._flatten_layers():
        for variable in layer.variables:
            # The initializer of "kernel" is kernel_initializer, but that of
            # "recurrent_kernel" is recurrent_initializer.
            name = variable.name.removesuffix("_kernel")
            initializer = getattr(layer, f"{name}_initializer", None)
            if hasattr(initializer, "seed"):
                initializers[id(variable)] = initializer
    start = list(zip(model.variables, as_arrays(model.variables), strict=True))
    # A layer's seed is one of the generator's numbers. With another seed of the
    # generator, it is the number at the same place.
    place = {number: k for k, number in enumerate(_numbers(0))}

    def draw_weights(seed):
        numbers = _numbers(seed)
        weights = []
        for variable, value in start:
            initializer = initializers.get(id(variable))
            if initializer is not None:
                config = initializer.get_config()
                config["seed"] = numbers[place[initializer.seed]]
                value = type(initializer).from_config(config)(variable.shape)
            elif is_generator(variable):
                value = np.array([numbers[place[int(value[0])]], 0], value.dtype)
            weights.append(value)
        return weights

    return draw_weights


def is_generator(variable):
    """Tell whether a variable is the state of a layer's random generator."""
    return variable.name == "seed_generator_state"


def as_arrays(variables):
    """Return copies of the values of variables of Keras."""
    import keras

    if keras.backend.backend() == "tensorflow":
        return [variable.numpy() for variable in variables]
    return [keras.ops.convert_to_numpy(variable.value) for variable in variables]


def _numbers(seed):
    """Return the first numbers that Keras draws from Python's generator."""
    generator = random.Random(seed)
    return [generator.randint(1, _LARGEST_SEED) for _ in range(_MOST_SEEDS)]
