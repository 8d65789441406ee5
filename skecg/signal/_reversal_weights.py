"""What tells exchanged electrodes: made by benchmarks/exchanges_on_ptbxl.py.

Logistic regression on folds 1 to 8 of PTB-XL with and without exchanges.
"""

# For each lead: the direction of QRS (R minus S over both), of P, of T, and the size of
# the QRS, as its logarithm beside the mean of all leads.
WEIGHTS = {
    "I": (1.7, -0.011, -0.086, -1.2),
    "II": (-0.72, 0.23, 0.96, -0.078),
    "III": (0.4, 0.12, -0.082, 0.72),
    "aVR": (-1.8, 0.022, -0.088, -4),
    "aVL": (0.77, 0.14, -0.38, 0.92),
    "aVF": (-0.06, -0.095, 0.49, 0.38),
    "V1": (0.68, -0.75, -0.76, -2.4),
    "V2": (0.39, -0.49, 0.74, 0.93),
    "V3": (-1.1, 0.64, 0.62, 3.5),
    "V4": (-0.81, 1.2, 0.042, 3.3),
    "V5": (0.87, 0.19, -0.54, -0.13),
    "V6": (2.3, -0.13, -1.2, -6.9),
}

# For pairs of leads: the correlation of their mean beats.
PAIRS = {
    "V1 V2": 8.2,
    "V2 V3": 13,
    "V3 V4": 18,
    "V4 V5": 16,
    "V5 V6": 17,
    "I V1": -5,
    "I V2": 3,
    "I V5": 1.9,
    "I V6": 1.6,
    "II V1": -0.25,
    "II V2": -0.95,
    "II V5": 0.86,
    "II V6": 3.5,
    "III V1": 1.5,
    "III V2": -1.2,
    "III V6": 0.41,
}

# For pairs of leads: in which sense the loops of P, QRS and T turn.
LOOP_WEIGHTS = {
    "I aVF": (-1, -0.23, -4.1),
    "II aVL": (2.3, -0.39, -5.7),
    "III aVR": (-1.5, 1.3, -0.62),
    "I V2": (-0.67, 0.1, -3.4),
    "II V2": (-0.37, -0.18, -1.6),
    "III V2": (-1.6, 0.0087, -3.6),
    "I V6": (4, 3, -0.54),
    "II V6": (2.1, 1.9, 0.33),
    "III V6": (4.1, 1.6, -2),
}
