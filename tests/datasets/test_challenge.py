"""load_challenge: folders of PhysioNet Challenges."""

import numpy as np
import pytest

from skecg import ECGFileError, load_challenge
from skecg.signal import LEAD_NAMES


def _write(folder, name, seconds=10, fs=500, dx="426783006", sex="Male", age="60"):
    """Write a record as the Challenges have them: MATLAB 4 behind 24 bytes."""
    folder.mkdir(exist_ok=True, parents=True)
    counts = np.arange(seconds * fs * 12, dtype=np.int64).reshape(-1, 12) % 997
    lines = [f"{name} 12 {fs} {len(counts)}"]
    lines += [f"{name}.mat 16x1+24 1000/mV 16 0 0 0 0 {lead}" for lead in LEAD_NAMES]
    lines += [f"#Age: {age}", f"#Sex: {sex}", f"#Dx: {dx}", "#Rx: Unknown"]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    (folder / f"{name}.mat").write_bytes(bytes(24) + counts.astype("<i2").tobytes())
    return counts


def test_records_have_labels_sex_and_age(tmp_path):
    counts = _write(tmp_path, "A1", dx="164873001,426783006", sex="Female", age="57")
    _write(tmp_path / "below", "A2", seconds=12, dx="55827005", age="NaN")
    _write(tmp_path, "A3", fs=1000, dx="426783006")
    loaded = load_challenge(tmp_path, as_xarray=True)
    assert loaded.data.shape == (3, 5000, 12)
    assert loaded.target.tolist() == [1, 0, 0]
    assert loaded.target_names == ["no LVH", "LVH"]
    np.testing.assert_array_equal(loaded.data[0], (counts / 1000).astype(np.float32))
    assert loaded.data.lead.values.tolist() == list(LEAD_NAMES)
    np.testing.assert_array_equal(loaded.age, [57, 60, np.nan])
    np.testing.assert_array_equal(loaded.sex, [1, 0, 0])
    assert loaded.codes[0] == ("164873001", "426783006")
    assert [path[-6:] for path in loaded.records] == ["A1.hea", "A3.hea", "A2.hea"]
    X, y = load_challenge(tmp_path, label=["lvh", "55827005"], return_X_y=True)
    assert isinstance(X, np.ndarray)
    assert y.tolist() == [1, 0, 1]


def test_short_records_are_named_or_skipped(tmp_path):
    _write(tmp_path, "A1")
    _write(tmp_path, "A2", seconds=5)
    with pytest.raises(ECGFileError, match=r"A2\.hea: .*takes 5 s, but 10 s"):
        load_challenge(tmp_path)
    with pytest.warns(UserWarning, match="1 of 2 files were skipped") as warned:
        loaded = load_challenge(tmp_path, on_error="skip", leads=["V5", "ii"])
    assert warned[0].filename == __file__
    assert loaded.data.shape == (1, 5000, 2)
    assert loaded.lead_names == ["V5", "II"]


def test_an_empty_folder_and_an_unknown_label_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has no header \(\.hea\)"):
        load_challenge(tmp_path)
    with pytest.raises(ValueError, match="label must be of LVH, .* but got 'LVX'"):
        load_challenge(tmp_path, label="LVX")
