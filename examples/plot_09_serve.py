"""
Save a model and serve it
=========================

You learn to save a fitted pipeline to one file and to load it in another program. You
also learn to answer requests over HTTP with Python's standard library, and how long an
answer takes.
"""

# %%
# Save
# ----
# A labelled X gives the model its sampling rate, unit and leads. The model then
# converts or refuses labelled records that differ. A plain array can't be checked in
# this way.

import json
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import xarray
from sklearn.pipeline import make_pipeline

from skecg import ECGFilter, ECGResampler, ECGScaler, LVHCNNClassifier, make_lvh_ecg

cohort = make_lvh_ecg(120, fs=250, duration=10, random_state=0, as_xarray=True)
pipeline = make_pipeline(
    ECGFilter(),
    ECGResampler(target_fs=100),
    ECGScaler(),
    LVHCNNClassifier(filters=(16, 32, 64), batch_size=16, epochs=4, random_state=0),
)
pipeline.fit(cohort.data, cohort.target)

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "lvh.joblib"
joblib.dump(pipeline, path)
print(f"{path.stat().st_size / 1e6:.1f} MB")

# %%
# Serve
# -----
# The handler labels each request. Errors of the model name the fault of a record and
# the remedy, so the caller gets them.

model = joblib.load(path)
model.predict_proba(cohort.data[:1])  # the first one is slow: TensorFlow starts


class Handler(BaseHTTPRequestHandler):
    """Answer a POST of one record with its probability."""

    def do_POST(self):
        """Predict."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer, status = {"probability": predict(**request)}, 200
        except ValueError as error:
            answer, status = {"error": str(error)}, 422
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep quiet: requests are patients' data."""


def predict(signal, fs, leads, units):
    """Return the probability of the LVH label for one record."""
    signal = np.asarray(signal, dtype=np.float32)[np.newaxis]
    record = xarray.DataArray(
        signal,
        dims=("record", "time", "lead"),
        coords={"time": np.arange(signal.shape[1]) / fs, "lead": leads},
        attrs={"units": units},
    )
    return float(model.predict_proba(record)[0, 1])


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

# %%
# Requests
# --------
# A record in microvolts with its leads in another order is converted. One of another
# sampling rate is refused.


def ask(signal, fs, leads, units="mV"):
    """Send one record."""
    content = {"signal": signal.tolist(), "fs": fs, "leads": leads, "units": units}
    url = f"http://127.0.0.1:{server.server_port}"
    request = urllib.request.Request(url, json.dumps(content).encode())
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


signal, leads = cohort.data[0].values, cohort.lead_names
print(ask(signal, 250, leads))
print(ask(1000 * signal[:, ::-1], 250, leads[::-1], "uV"))
print(ask(signal, 500, leads))

# %%
# How fast
# --------
# One record at a time, and many at once.

times = []
for i in range(40):
    begin = time.perf_counter()
    ask(cohort.data[i].values, 250, leads)
    times.append(1000 * (time.perf_counter() - begin))
sizes = [1, 2, 4, 8, 16, 32, 64, 120]
each = []
for size in sizes:
    begin = time.perf_counter()
    for _ in range(3):
        model.predict_proba(cohort.data[:size])
    each.append(1000 * (time.perf_counter() - begin) / 3 / size)
server.shutdown()

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left.plot(range(1, 41), times, "o", ms=4)
left.axhline(
    np.median(times), color="0.5", ls="--", label=f"median {np.median(times):.0f} ms"
)
left.set(
    xlabel="Request",
    ylabel="Answer after (ms)",
    ylim=(0, None),
    title="Over HTTP, with JSON",
)
left.legend(frameon=False, loc="lower right")
right.plot(sizes, each, "o-")
right.set_xscale("log", base=2)
right.set_xticks(sizes, sizes)
right.set(
    xlabel="Records in one call",
    ylabel="ms per record",
    ylim=(0, None),
    title="Batches",
)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

folder.cleanup()
