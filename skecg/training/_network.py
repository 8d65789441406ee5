"""Trained networks as plain arrays, in memory and in files."""

import functools
import io
import json
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np

from skecg import networks
from skecg.training._architecture import Architecture
from skecg.training._settings import undisturbed
from skecg.utils import check_unpacked, write_whole

# Of zipfile, packed members, NumPy's headers and JSON, where any byte is another.
_OF_BROKEN_FILES = (
    BadZipFile,
    OSError,  # a seek to before the file, or a folder
    RuntimeError,  # encrypted, packed in another way, or words nested too deeply
    EOFError,
    zlib.error,
    TokenError,
    SyntaxError,
    MemoryError,  # a header that says terabytes
    ArithmeticError,
    LookupError,  # words that are missing
    AttributeError,
    TypeError,
    ValueError,
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
        # Models and tensors are made again from the arrays, on any backend.
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def in_half_precision(self):
        """Return the network with its weights rounded to float16, for small files."""
        return replace(self, weights=_cast(self.weights, np.float32, np.float16))

    def save(self, path):
        """Write a file of NumPy's npz format, without pickles and all at once."""
        arrays = {f"weight_{k:04d}": weight for k, weight in enumerate(self.weights)}
        words = vars(self.architecture) | {
            "amplitude": self.amplitude,
            "builder": self.architecture.builder.__name__,
            "options": dict(self.architecture.options),
        }
        # Searches draw NumPy's integers, which JSON does not take.
        words = json.dumps(words, default=lambda number: number.item())
        buffer = io.BytesIO()
        np.savez_compressed(buffer, network=words, **arrays)
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path):
        """Read a file that :meth:`save` wrote; half precision becomes single."""
        try:
            # Given a path, np.load leaves a broken file open.
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                check_unpacked(arrays.zip)
                words = json.loads(str(arrays["network"]))
                names = sorted(name for name in arrays if name.startswith("weight_"))
                weights = _cast([arrays[k] for k in names], np.float16, np.float32)
            # The file chooses a function to call: only a builder of the package.
            if not words["builder"].startswith("build_"):
                raise ValueError(f"{words['builder']} is no builder.")
            architecture = Architecture(
                getattr(networks, words["builder"]),
                tuple(words["input_shape"]),
                words["n_classes"],
                hashable(words["options"]),
            )
        except (FileNotFoundError, PermissionError):
            raise
        except _OF_BROKEN_FILES as error:
            raise ValueError(
                f"{path} holds no weights of a network; give a file that save_weights "
                "wrote."
            ) from error
        return cls(architecture, weights, words.get("amplitude"))


def _cast(weights, old, new):
    """Return weights with those of one dtype cast to another; counters stay."""
    return [w.astype(new) if w.dtype == old else w for w in weights]


def hashable(options):
    """Return a dict of options as pairs, sequences as tuples of Python's numbers."""

    def plain(value):
        value = value.tolist() if isinstance(value, np.ndarray) else value
        return tuple(value) if isinstance(value, list) else value

    return tuple((name, plain(value)) for name, value in options.items())


def path_of(path):
    """Return where to write weights; the name ends in .npz."""
    path = Path(path).expanduser()
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
