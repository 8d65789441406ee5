"""Recordings of public repositories go through a pretrained model in one line."""

from pathlib import Path

import numpy as np
import pytest

from skecg import load_pretrained, read_ecg

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
# One recording a row, in the formats that the repositories have it in.
RECORDINGS = {
    "ECGToolkit": ("dicom/Example.dcm", "scp/Example.scp", "aecg/Example.xml"),
    "ecg2dcm": (
        "muse/ecg2dcm_synthetic_muse.xml",
        "dicom/ecg2dcm_synthetic_muse.dcm",
    ),
    "sierra-ecg-tools": (
        "philips/ad4d3d80-d165_1-04_orig.xml",
        "philips/ad4d3d80-d165_1-04_converted.xml",
    ),
    "PixelMed": ("scp/PFE105_redred.scp", "scp/PFE105_high.scp"),
    "Georgia": ("challenge/E07500.hea",),
    "Georgia, another": ("challenge/E07501.hea",),
    "Mortara": ("dicom/pydicom_waveform_ecg.dcm",),
    "Philips 1.03": ("philips/129DYPRG.XML",),
    "PTB": ("wfdb/s0010_re.hea",),
}


@pytest.fixture(scope="module", params=["ptbxl", "ptbxl_cnn", "ptbxl_lstm"])
def model(request):
    pytest.importorskip("onnxruntime", reason="onnxruntime is of the extra 'onnx'")
    return load_pretrained(request.param, backend="onnx")


@pytest.mark.filterwarnings("ignore:The records of X last 38.4 s")
@pytest.mark.parametrize("recording", RECORDINGS)
def test_a_recording_has_one_probability_in_every_format(model, recording):
    paths = [SAMPLES / name for name in RECORDINGS[recording]]
    if not all(path.exists() for path in paths):
        pytest.skip("the sample files are not beside this checkout")
    found = [model.predict_proba(read_ecg(path))[0, 1] for path in paths]
    assert np.isfinite(found).all()
    assert np.ptp(found) <= 0.01


def test_the_samples_with_twelve_leads_are_all_in_the_table():
    if not SAMPLES.exists():
        pytest.skip("the sample files are not beside this checkout")
    listed = {name for names in RECORDINGS.values() for name in names}
    found = {
        path.relative_to(SAMPLES).as_posix()
        for kind in ("aecg", "challenge", "dicom", "muse", "philips", "scp", "wfdb")
        for path in (SAMPLES / kind).glob("*")
        if path.suffix.lower() in (".xml", ".dcm", ".scp", ".hea")
    }
    # One lead, a file that is refused by name each, and records that are no 12 leads.
    others = {
        "aecg/fda_minimum_aecg.xml",
        "dicom/pixelmed_1074466202.fixed.dcm",
        "scp/healforce_62.SCP",
        *(f"wfdb/{name}.hea" for name in ("binformats", "flacformats")),
        *(f"wfdb/041s{part}.hea" for part in ("", "01", "02")),
    }
    assert found - listed == others
