"""PyTorch in a process of its own: beside TensorFlow's threads its own are slower.

``TorchWorker(...)`` starts one; calling it does one epoch of training, or one
prediction of all records.
"""

import importlib.util
import subprocess
import sys

import numpy as np
from networks import N_LEADS, N_TIMES, make_torch_network


class TorchWorker:
    """One network of PyTorch, trained or used by turns with the others.

    Parameters
    ----------
    name : str
        The network, of ``networks.KERAS``.
    job : {"train", "predict"}
        What a call does.
    n_records, batch_size : int
        Records of 1,000 x 12, and how many at once.
    """

    def __init__(self, name, job, n_records, batch_size):
        command = [sys.executable, __file__, name, job, str(n_records), str(batch_size)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self):
        """Let it work once, and wait for the end."""
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        if not self._process.stdout.readline():
            raise RuntimeError("The process of PyTorch ended.")


def is_installed():
    """Tell whether there is PyTorch."""
    return importlib.util.find_spec("torch") is not None


def serve(name, job, n_records, batch_size):
    """Do the job once for every line that comes in."""
    import torch

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_records, N_LEADS, N_TIMES), dtype=np.float32)
    X, y = torch.from_numpy(X), torch.arange(n_records) % 2
    network, loss_of = make_torch_network(name), torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(network.parameters())

    def train():
        for index in torch.randperm(n_records).split(batch_size):
            optimizer.zero_grad()
            loss_of(network(X[index])[:, 0], y[index].float()).backward()
            optimizer.step()

    def predict():
        network.eval()
        with torch.inference_mode():
            for part in X.split(batch_size):
                network(part).sigmoid().numpy()

    for _ in sys.stdin:
        train() if job == "train" else predict()
        print("done", flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:3], *map(int, sys.argv[3:]))
