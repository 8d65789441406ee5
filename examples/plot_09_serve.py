"""
Export a model and serve it
===========================

You learn to write a trained pipeline to an ONNX file, which needs no TensorFlow, and to
serve it with ``skecg serve``. You also learn what an answer contains, and how long it
takes.
"""

# %%
# Export
# ------
# ``ECGConverter`` as the first step converts files of any sampling rate, unit and order
# of leads. The file has the steps and the network as one graph.

import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGConverter,
    ECGFilter,
    ECGScaler,
    LVHCNNClassifier,
    load_onnx,
    make_lvh_ecg,
    read_ecg,
    to_onnx,
    write_ecg,
)
from skecg.serve import analyse, open_model

cohort = make_lvh_ecg(120, fs=100, random_state=0, as_xarray=True)
pipeline = make_pipeline(
    ECGConverter(),
    ECGFilter(),
    ECGScaler(),
    LVHCNNClassifier(filters=(16, 32, 64), batch_size=16, epochs=4, random_state=0),
)
pipeline.fit(cohort.data, cohort.target)

folder = tempfile.TemporaryDirectory()
path = to_onnx(pipeline, Path(folder.name) / "lvh.onnx")
model = load_onnx(path)
difference = model.predict_proba(cohort.data) - pipeline.predict_proba(cohort.data)
print(f"{path.stat().st_size / 1e6:.1f} MB, at most {abs(difference).max():.0e} apart")

# %%
# Serve
# -----
# Two commands start the service and ask it::
#
#     skecg serve --model lvh.onnx
#     curl -F files=@patient.csv http://127.0.0.1:8000/v1/predict
#
# The same functions answer in Python. The file has another sampling rate than the
# model. ``skecg report patient.csv -o report.html`` writes the page about it.

patient = make_lvh_ecg(1, fs=500, random_state=7, as_xarray=True).data
write_ecg(patient, Path(folder.name) / "patient.csv")
record = read_ecg(Path(folder.name) / "patient.csv")
answer = analyse(record, open_model(path))
for name in ("probability", "decisions", "quality", "warnings", "model"):
    print(f"{name}: {answer[name]}")

# %%
# How fast
# --------
# ONNX Runtime has less to do for a call than TensorFlow, so that single records gain
# most. Both take one record of 10 s at 100 Hz, labelled and in memory.

times = {"TensorFlow": [], "ONNX Runtime": []}
for i in range(40):
    for name, estimator in zip(times, (pipeline, model), strict=True):
        begin = time.perf_counter()
        estimator.predict_proba(cohort.data[i : i + 1])
        times[name].append(1000 * (time.perf_counter() - begin))

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, milliseconds in times.items():
    median = np.median(milliseconds)
    ax.plot(range(1, 41), milliseconds, "o", ms=4, label=f"{name}, median {median:.1f}")
ax.set(xlabel="Record", ylabel="Probability after (ms)", yscale="log")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)

folder.cleanup()
