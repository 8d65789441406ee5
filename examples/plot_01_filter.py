"""
Filter a record and see what the band does to R
===============================================

You learn to draw a record, to filter it, and why the default of
:class:`~skecg.ECGFilter` reaches up to 150 Hz: the criteria of left ventricular
hypertrophy are sums of R and S, and a low-pass at 40 Hz, common on monitors, lowers
both.
"""

# sphinx_gallery_thumbnail_number = 2
# %%
# One record
# ----------
# :func:`~skecg.make_lvh_ecg` makes 12-lead records whose true amplitudes are known.
# With ``as_xarray=True`` the records carry sampling rate, unit and lead names, so that
# no step below needs them as arguments.

import matplotlib.pyplot as plt
import numpy as np

from skecg import ECGDisplay, ECGFilter, ECGMeasurer, make_lvh_ecg

cohort = make_lvh_ecg(60, fs=500, noise=2, random_state=3, as_xarray=True)
X = cohort.data
record = int(cohort.target.argmax())
ECGDisplay.from_record(X[record], title="A synthetic record with LVH, twice the noise")

# %%
# Three bands
# -----------
# The filter has zero phase, so peaks keep their times. The figure shows one beat of V5.
# All three bands remove baseline wander; they differ at the top of R.

bands = {
    "0.5 to 150 Hz (default)": ECGFilter(),
    "0.5 to 40 Hz": ECGFilter(highcut=40),
    "0.5 to 20 Hz": ECGFilter(highcut=20),
}
beat = cohort.r_times[record][4]
window = slice(beat - 0.08, beat + 0.14)


def amplitudes(records):
    """Measure R in V5 and S in V1 on the median beats."""
    measured = ECGMeasurer().fit(records).measure(records).table
    return np.stack([measured["R_V5"], measured["S_V1"]])


v5, v1 = (cohort.lead_names.index(lead) for lead in ("V5", "V1"))
truth = np.stack([cohort.amplitudes["R"][:, v5], cohort.amplitudes["S"][:, v1]])
large = truth > 0.3  # mV; a share of less means little

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
seen = X[record].sel(lead="V5", time=window)
left.plot(1000 * (seen.time - beat), seen, color="0.7", lw=3, label="as recorded")
colors = ["C0", "C1", "C3"]
for (name, ecg_filter), color in zip(bands.items(), colors, strict=True):
    filtered = ecg_filter.fit_transform(X)
    seen = filtered[record].sel(lead="V5", time=window)
    left.plot(1000 * (seen.time - beat), seen, color=color, label=name)

    change = np.where(large, amplitudes(filtered) / truth - 1, np.nan)
    low, median, high = np.nanpercentile(100 * change, [10, 50, 90], axis=1)
    for wave, offset in ((0, -0.15), (1, 0.15)):
        y = list(bands).index(name) + offset
        right.plot([low[wave], high[wave]], [y, y], color=color)
        right.plot(median[wave], y, "o^"[wave], color=color, ms=8)
left.set(xlabel="Time from R (ms)", ylabel="V5 (mV)", title="One beat")
left.legend(fontsize="small", frameon=False, loc="upper right")
right.axvline(0, color="0.7", lw=1)
right.set_yticks(range(3), [name.removesuffix(" (default)") for name in bands])
right.set_ylim(2.6, -0.6)
right.set(xlabel="Change from the true amplitude (%)", title="60 records")
right.plot([], [], "o", color="0.4", label="R in V5")
right.plot([], [], "^", color="0.4", label="S in V1")
right.legend(fontsize="small", frameon=False, loc="lower left")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

# %%
# Markers are medians; lines reach from the tenth to the ninetieth percentile. Real QRS
# complexes have sharper corners, so that 40 Hz costs more: see
# :doc:`the table </preprocessing>`. A network learns its own thresholds and only loses
# information in a narrow band. A criterion with a published threshold becomes wrong.
