"""
Which records can be trusted
============================

You learn to find records whose predictions mean little, and the reason. You also learn
to detect exchanged electrodes and to correct them.
"""

# %%
# Faults, one for each record
# ---------------------------
# Eight synthetic records get a fault each: some in one lead, some in all.

import matplotlib.pyplot as plt
import numpy as np

from skecg import ECGQualityChecker, make_lvh_ecg
from skecg.signal import (
    LEAD_NAMES,
    exchange_electrodes,
    find_exchanges,
    limb_leads,
)

fs, rng = 500, np.random.default_rng(0)
clean = make_lvh_ecg(60, fs=fs, random_state=0).data
checker = ECGQualityChecker(fs=fs).fit(clean)
clean = clean[~checker.check(clean).doubtful]
X = clean[:9].copy()
time = np.arange(X.shape[1]) / fs
V1, V4 = LEAD_NAMES.index("V1"), LEAD_NAMES.index("V4")

X[1, 1250:, V1] = X[1, 1250, V1] + rng.normal(0, 0.003, X.shape[1] - 1250)
X[2, :, V1] = np.clip(X[2, :, V1], X[2, :, V1].min() / 3, None)
X[3, :, V1] += 0.15 * np.sin(2 * np.pi * 50 * time)
X[4, :, V1] += rng.normal(0, 0.1, X.shape[1])
X[5, :, V1] += 1.5 * np.sin(2 * np.pi * 0.2 * time)
spike = [*limb_leads(np.array(0.6), np.array(1.2)), 0.5, 0.8, 1.2, 1.6, 1.4, 1.0]
X[6, 150::400] += spike  # 2 ms: a pacemaker
X[7] = exchange_electrodes(X[7:8], "LA/RA")[0]
X[8, :, [4, 5]] = X[8, :, [5, 4]]  # aVL and aVF stored in each other's place

# %%
# The findings
# ------------
# One line for all records, and a table of the findings in each lead.

quality = checker.check(X)
print(quality.summary())
checker.report(X).groupby(["record", "finding"])["lead"].agg(" ".join)

# %%
# Four seconds of I, aVL, V1 and V4 of each record. Leads with a finding are red.

shown = [LEAD_NAMES.index(name) for name in ("I", "aVL", "V1", "V4")]
figure, axes = plt.subplots(3, 3, figsize=(12, 10), layout="constrained")
for k, axis in enumerate(axes.flat):
    for row, lead in enumerate(shown):
        trace = X[k, 500:2500, lead]
        colour = "tab:red" if quality.found[k, lead].any() else "black"
        level = -3.2 * row
        axis.plot(time[500:2500], trace - np.median(trace) + level, colour, lw=0.7)
        axis.text(0.95, level, LEAD_NAMES[lead], ha="right", va="center", color=colour)
    findings = dict.fromkeys(quality.rows()[quality.rows()["record"] == k]["finding"])
    verdict = ", ".join(findings) or "nothing found"
    if quality.exchanged[k]:
        verdict += f" ({quality.exchanged[k]})"
    axis.set_title(f"{k}: {verdict}", fontsize=11)
    axis.set_ylim(-12, 3)
    axis.set_axis_off()

# %%
# Exchanged electrodes
# --------------------
# Records with exchanged arms obey all laws of the leads. The detector compares how
# usual a record is with how usual it would be with the electrodes exchanged back, in
# log odds. The figure shows both kinds of records.

as_it_is = find_exchanges(clean, fs)
exchanged = exchange_electrodes(clean, "LA/RA")
judged = find_exchanges(exchanged, fs)
figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
bins = np.linspace(-45, 45, 46)
axis.hist(as_it_is.evidence[:, 0], bins, color="tab:blue", alpha=0.7, label="unchanged")
axis.hist(judged.evidence[:, 0], bins, color="tab:red", alpha=0.7, label="exchanged")
axis.axvline(np.log(1000), color="black", lw=0.8, ls="--", label="odds of 1,000")
axis.set(xlabel="Evidence for exchanged arms (log odds)", ylabel="Records")
axis.legend()
print(f"{(judged.suspected == 'LA/RA').mean():.0%} of the exchanged records are named.")

# %%
# Exchanging the electrodes again restores the records exactly.

mended = exchange_electrodes(exchanged, "LA/RA")
np.array_equal(mended, clean)
