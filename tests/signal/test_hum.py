"""Mains hum that beats would be aligned on is taken off, or the lead is refused."""

import numpy as np
import pytest

from skecg.datasets import make_lvh_ecg
from skecg.signal import LEAD_NAMES, measure_records

FS = 500.0
TIMES = np.arange(5000)[:, None] / FS


def sine(frequency, height, phase=1.0):
    return height * np.sin(2 * np.pi * frequency * TIMES + phase)


def voltages(X, fs=FS):
    table = measure_records(X, fs, n_jobs=1)
    return np.stack([table[f"{w}_{lead}"] for w in "RS" for lead in LEAD_NAMES], 1)


@pytest.fixture(scope="module")
def records():
    return make_lvh_ecg(8, fs=FS, noise=0.5, random_state=3).data.astype(np.float64)


@pytest.fixture(scope="module")
def clean(records):
    return voltages(records)


@pytest.mark.parametrize(
    "hum",
    [
        sine(50, 0.1),
        sine(50, 1.0, 0.3),
        sine(60, 0.3, 2.0),
        sine(49.9, 1.0),
        sine(60.2, 0.5),
        sine(50, 0.5) + sine(100, 0.2) + sine(150, 0.2, 0.3),
        sine(60, 0.3) * (1 + 0.2 * np.sin(2 * np.pi * 0.1 * TIMES)),
        sine(50, 0.5) * (np.arange(12) == 10),
    ],
)
def test_voltages_under_hum_are_within_005_mv(records, clean, hum):
    error = np.abs(voltages(records + hum) - clean)
    assert np.isfinite(error).mean() > 0.97
    assert np.nanmax(error) < 0.05
    assert np.nanmedian(error) < 0.005


@pytest.mark.parametrize(
    "hum",
    [
        sine(50, 0.5) * (TIMES > 5),
        sine(50, 0.5) * (1 + 0.5 * np.sin(2 * np.pi * TIMES)),
        0.5 * np.sin(2 * np.pi * 50 * TIMES + 2 * np.sin(2 * np.pi * 0.15 * TIMES)),
    ],
)
def test_hum_that_is_not_steady_is_too_noisy_or_right(records, clean, hum):
    error = np.abs(voltages(records + hum) - clean)
    assert not (error > 0.05).any()


@pytest.mark.parametrize("fs", [100, 250, 1000])
def test_hum_at_other_rates(fs):
    X = make_lvh_ecg(4, fs=fs, noise=0.5, random_state=3).data.astype(np.float64)
    hum = 0.5 * np.sin(2 * np.pi * 60 * np.arange(X.shape[1])[:, None] / fs)
    error = np.abs(voltages(X + hum, fs) - voltages(X, fs))
    assert np.isfinite(error).mean() > 0.97
    assert np.nanmax(error) < 0.05


def test_records_without_hum_stay_as_they_are_to_the_last_bit(records, monkeypatch):
    beats = measure_records(records, FS, return_beats=True).beats
    regular = np.exp(-0.5 * (((TIMES % 0.4) - 0.2) / 0.004) ** 2) * np.ones(12)
    steady = measure_records(regular[None], FS, return_beats=True).beats

    def never(*_):
        raise AssertionError("hum is taken off a record that has none")

    monkeypatch.setattr("skecg.signal._measure.remove_hum", never)
    again = measure_records(records, FS, return_beats=True).beats
    np.testing.assert_array_equal(again, beats)
    again = measure_records(regular[None], FS, return_beats=True).beats
    np.testing.assert_array_equal(again, steady)


def test_hum_is_taken_off_in_accord_with_einthovens_law(records):
    X = records.copy()
    X[:, :, :6] += sine(50, 0.4) * np.array([1, 1, 0, -1, 0.5, 0.5])
    beats = measure_records(X, FS, return_beats=True).beats
    rest = beats[:, :, 1] - beats[:, :, 0] - beats[:, :, 2]
    assert np.abs(rest - rest.mean(axis=1, keepdims=True)).max() < 0.03
