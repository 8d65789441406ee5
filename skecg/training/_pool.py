"""A pool of compiled Keras models, which fits borrow and return.

Compiling and tracing a network takes longer than a small fit, and Keras never frees all
memory of a model. So models are kept, and each fit sets one to the weights that a new
model would have: cross-validation compiles once, not once a fold.
"""

import threading
from collections import OrderedDict
from contextlib import contextmanager

from skecg.networks import AUX, HEAD
from skecg.training._losses import training_loss, training_metrics
from skecg.training._seeding import as_arrays, initial_weights

_MOST_KINDS = 8  # searches over more sizes would fill the memory
# By architecture, optimization and batch size: [(model, reset), ...]. The learning rate
# is no part of the key, as a callback sets it before each step.
_idle = OrderedDict()
_lock = threading.Lock()


@contextmanager
def borrowed_model(architecture, optimization, seed, batch_size, *, keep=True):
    """Lend a compiled model in the state of a new one; two threads never share one.

    `batch_size` is that of all batches, None if they differ. Without `keep`, or after
    an error, the model is not kept for the next fit.
    """
    # With a known batch size, TensorFlow makes another graph, which rounds differently.
    # It gets its own models, as a fit must not depend on earlier ones.
    key = (architecture, optimization, batch_size)
    with _lock:
        models = _idle.get(key)
        model, reset = models.pop() if models else (None, None)
    if model is None:
        model = _compile(architecture, optimization)
        reset = _resetter(model)
    reset(seed)
    # No `finally`: a model whose training failed may be in any state.
    yield model
    if not keep:
        return
    with _lock:
        _idle.setdefault(key, []).append((model, reset))
        _idle.move_to_end(key)
        while len(_idle) > _MOST_KINDS:
            _idle.popitem(last=False)


def clear_pool():
    """Forget all kept models, so that the next fit builds and compiles its own."""
    with _lock:
        _idle.clear()


def assign(variables, values):
    """Set variables of Keras."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def layer_of(variable):
    """Return the name of a variable's layer."""
    return variable.path.split("/")[0]


def _resetter(model):
    """Return a function of a seed that sets a new model to its initial state again."""
    draw_weights = initial_weights(model)
    of_optimizer = as_arrays(model.optimizer.variables)

    def reset(seed):
        # The optimizer holds moments and a count of steps of the last fit.
        assign(model.optimizer.variables, of_optimizer)
        assign(model.variables, draw_weights(seed))

    return reset


def _compile(architecture, optimization):
    """Build and compile a network."""
    import keras

    model = architecture.build(n_aux=optimization.n_aux)
    if optimization.freeze == "body":
        for layer in model.layers:
            layer.trainable = layer.name.startswith((HEAD, AUX))
    # Keras' `clipnorm` clips each variable's gradient, which changes the direction.
    config = {"global_clipnorm": optimization.clipnorm}
    if optimization.weight_decay is not None:
        config["weight_decay"] = optimization.weight_decay
    optimizer = keras.optimizers.get(
        {"class_name": optimization.optimizer, "config": config}
    )
    model.compile(
        optimizer,
        loss=training_loss(
            architecture.n_classes,
            optimization.focal_gamma,
            optimization.label_smoothing,
            optimization.n_aux,
            optimization.aux_weight,
        ),
        weighted_metrics=training_metrics(architecture.n_classes, optimization.n_aux),
        # On processors, XLA makes TensorFlow slower, both to start and to run. JAX
        # without XLA starts every operation by itself. See docs/performance.md.
        jit_compile=keras.backend.backend() == "jax",
    )
    # Built now, so that its variables are there to be reset.
    optimizer.build(model.trainable_variables)
    return model
