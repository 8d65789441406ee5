"""ECGCropper: which samples are kept, and what fills the rest."""

import numpy as np
import pytest

from skecg import ECGCropper
from tests.preprocessing.records import assert_labels_kept, labelled


def _ramp(n_times, n_leads=2):
    time = np.arange(1.0, n_times + 1)
    return np.stack([time, -time], axis=1)[np.newaxis, :, :n_leads]


@pytest.mark.parametrize(
    ("position", "first", "last"), [("start", 1, 6), ("center", 3, 8)]
)
def test_a_longer_record_is_cropped(position, first, last):
    cropper = ECGCropper(0.6, fs=10, position=position)
    cropped = cropper.fit_transform(_ramp(10))
    np.testing.assert_array_equal(cropped, _ramp(10)[:, first - 1 : last])


@pytest.mark.parametrize(
    ("position", "padding", "expected"),
    [
        ("start", "edge", [1, 2, 3, 3, 3, 3]),
        ("start", "zero", [1, 2, 3, 0, 0, 0]),
        ("center", "edge", [1, 1, 2, 3, 3, 3]),
        ("center", "zero", [0, 1, 2, 3, 0, 0]),
    ],
)
def test_a_shorter_record_is_padded(position, padding, expected):
    cropper = ECGCropper(0.6, fs=10, position=position, padding=padding)
    padded = cropper.fit_transform(_ramp(3))
    np.testing.assert_array_equal(padded[0, :, 0], expected)
    np.testing.assert_array_equal(padded[0, :, 1], -np.array(expected))


def test_a_record_of_the_duration_is_copied():
    X = _ramp(10)
    cropped = ECGCropper(1.0, fs=10).fit_transform(X)
    np.testing.assert_array_equal(cropped, X)
    assert not np.shares_memory(cropped, X)


def test_records_of_three_dimensions_may_change_length_after_fit():
    cropper = ECGCropper(0.6, fs=10).fit(_ramp(10))
    for n_times in (3, 6, 20):
        assert cropper.transform(_ramp(n_times)).shape == (1, 6, 2)


def test_duration_counts_samples_of_the_sampling_rate():
    X = np.zeros((1, 3000, 2))
    assert ECGCropper(0.5).fit_transform(X).shape == (1, 250, 2)
    assert ECGCropper(0.5, fs=257).fit_transform(X).shape == (1, 128, 2)
    assert ECGCropper(0.5).fit_transform(labelled(X, 100.0)).shape == (1, 50, 2)


@pytest.mark.parametrize(
    ("n_times", "position", "first"),
    [
        (10, "start", 5.0),
        (10, "center", 5.2),
        (3, "start", 5.0),
        (3, "center", 4.9),
        (6, "center", 5.0),
    ],
)
def test_time_follows_the_crop_and_all_else_is_kept(n_times, position, first):
    X = labelled(np.repeat(_ramp(n_times), 3, axis=0), 10.0, start=5.0)
    cropped = ECGCropper(0.6, position=position).fit_transform(X)
    assert_labels_kept(X, cropped)
    assert cropped.coords["lead"].equals(X.coords["lead"])
    expected = first + np.arange(6) / 10
    np.testing.assert_allclose(cropped.coords["time"], expected, rtol=0, atol=1e-12)


def test_values_and_time_stay_together():
    X = labelled(_ramp(10), 10.0)
    cropped = ECGCropper(0.6, position="center").fit_transform(X)
    for time, value in zip(
        cropped.coords["time"].values, cropped[0, :, 0], strict=True
    ):
        assert X.sel(time=time, method="nearest")[0, 0] == value


def test_less_than_one_sample_is_an_error():
    with pytest.raises(
        ValueError, match="less than one sample at 10 Hz; give at least"
    ):
        ECGCropper(0.01, fs=10).fit(_ramp(10))


@pytest.mark.parametrize(
    ("name", "value"),
    [("duration", 0), ("fs", 0), ("position", "end"), ("padding", "reflect")],
)
def test_parameters_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of ECGCropper"):
        ECGCropper(**{name: value}).fit(_ramp(10))
