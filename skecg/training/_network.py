"""Trained networks as plain arrays, in memory and in files."""

import functools
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from skecg import networks
from skecg.training._architecture import Architecture
from skecg.training._settings import undisturbed
from skecg.utils import write_whole

_UNREADABLE = (  # what np.load and its arrays raise for other or broken files
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class TrainedNetwork:
    """An architecture and its trained weights.

    Attributes
    ----------
    architecture : Architecture
        The network up to its weights.
    weights : list of ndarray
        In the order of the Keras model's variables.
    amplitude : float or None
        Typical amplitude of the records it was trained on, None where not known.
    """

    architecture: Architecture
    weights: list = field(repr=False)
    amplitude: float | None = None

    @functools.cached_property
    @undisturbed()
    def model_(self):
        """The Keras model with the trained weights, built at the first access."""
        model = self.architecture.build()
        for variable, value in zip(model.variables, self.weights, strict=True):
            variable.assign(value)
        return model

    @functools.cached_property
    def keras_classifier_(self):
        """SciKeras' fitted ``KerasClassifier`` of `model_`; classes are 0, 1, ..."""
        from skecg.training._scikeras import wrap

        return wrap(self.model_, self.architecture.n_classes)

    @functools.cached_property
    def tensors(self):
        """The weights as tensors of Keras' backend."""
        import keras

        return [keras.ops.convert_to_tensor(weight) for weight in self.weights]

    def __getstate__(self):
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def in_half_precision(self):
        """Return the network with its weights rounded to float16, for small files."""
        halves = [
            weight.astype(np.float16) if weight.dtype == np.float32 else weight
            for weight in self.weights
        ]
        return replace(self, weights=halves)

    def description(self):
        """Return all but the weights as a dict of plain values."""
        architecture = self.architecture
        return {
            "builder": architecture.builder.__name__,
            "input_shape": architecture.input_shape,
            "n_classes": architecture.n_classes,
            "options": dict(architecture.options),
            "amplitude": self.amplitude,
        }

    def save(self, path):
        """Write a file of NumPy's npz format, without pickles and all at once."""
        arrays = {f"weight_{k:04d}": weight for k, weight in enumerate(self.weights)}
        buffer = io.BytesIO()
        # Searches draw integers of NumPy, which JSON does not take.
        words = json.dumps(self.description(), default=lambda number: number.item())
        np.savez_compressed(buffer, network=words, **arrays)
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path):
        """Read a file that :meth:`save` wrote; half precision becomes single."""
        try:
            return cls._read(path)
        except FileNotFoundError:
            raise
        except _UNREADABLE as error:
            raise ValueError(
                f"{path} holds no weights of a network; give a file that save_weights "
                "wrote."
            ) from error

    @classmethod
    def _read(cls, path):
        """Read a file; a broken one may raise anything of `_UNREADABLE`."""
        # Given a path, np.load leaves a broken file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            size = sum(info.file_size for info in arrays.zip.infolist())
            if size > _LARGEST:  # before anything is unpacked
                raise ValueError(f"It unpacks to {size / 2**20:.0f} MB.")
            words = json.loads(str(arrays["network"]))
            weights = [arrays[k] for k in sorted(arrays) if k.startswith("weight_")]
        # A file names a function that is called: a builder of skecg.networks, no other.
        if not words["builder"].startswith("build_"):
            raise ValueError(f"{words['builder']} is no builder.")
        architecture = Architecture(
            getattr(networks, words["builder"]),
            tuple(words["input_shape"]),
            words["n_classes"],
            hashable(words["options"]),
        )
        weights = [
            weight.astype(np.float32) if weight.dtype == np.float16 else weight
            for weight in weights
        ]
        return cls(architecture, weights, words.get("amplitude"))


_LARGEST = 200 * 2**20
"""Bytes of all weights of a file; no network of this package is near it."""


def hashable(options):
    """Return a dict of options as pairs, sequences as tuples of Python's numbers."""
    plain = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in options.items()
    }
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in plain.items()
    )


def path_of(path):
    """Return where to write weights; the name ends in .npz."""
    path = Path(path).expanduser()
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
