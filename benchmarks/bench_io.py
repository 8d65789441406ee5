"""Time read_ecg against other packages on the same files, side by side.

    python benchmarks/bench_io.py SAMPLES [--repeats 20]

SAMPLES is a folder with files in dicom/, scp/, aecg/, muse/, philips/ and challenge/;
EDF, CSV and NPZ are written from the first of them. All readers of a file take turns,
and the best processor time of each is shown. Memory is what Python allocates at the
peak of one reading. A row "labelled" is a package plus what a user adds to get what
read_ecg returns but for its checks: an xarray.DataArray in mV with times, leads and,
where the package has them, sex and age.
"""

import argparse
import tempfile
import time
import tracemalloc
import warnings
from pathlib import Path

import numpy as np

from skecg import read_ecg, write_ecg

FILES = (
    "dicom/Example.dcm",
    "scp/Example.scp",
    "aecg/Example.xml",
    "muse/ecg2dcm_synthetic_muse.xml",
    "philips/ad4d3d80-d165_1-04_orig.xml",
    "challenge/E07500.hea",
)


def read_with_pydicom(path):
    """Read the first group as pydicom scales it."""
    import pydicom

    return pydicom.dcmread(path).waveform_array(0)


def read_with_wfdb(path):
    """Read a record as a user of wfdb does."""
    import wfdb

    return wfdb.rdrecord(str(path.with_suffix(""))).p_signal


def read_with_edfio(path):
    """Read all signals."""
    import edfio

    return np.array([signal.data for signal in edfio.read_edf(path).signals])


def labelled(values, fs, leads, **of_record):
    """Return samples in mV, of shape (n_times, n_leads), as a labelled record."""
    import xarray

    return xarray.DataArray(
        np.ascontiguousarray(values)[None],
        dims=("record", "time", "lead"),
        coords={
            "time": np.arange(len(values)) / fs,
            "lead": list(leads),
            **{name: ("record", [value]) for name, value in of_record.items()},
        },
        attrs={"units": "mV"},
    )


def labelled_with_pydicom(path):
    """Read the first group as a labelled record, leads by their meanings."""
    import pydicom

    data = pydicom.dcmread(path)
    group = data.WaveformSequence[0]
    leads = [
        channel.ChannelSourceSequence[0].CodeMeaning
        for channel in group.ChannelDefinitionSequence
    ]
    of_record = {"sex": data.PatientSex, "age": data.get("PatientAge", "")}
    values = data.waveform_array(0) / 1000
    return labelled(values, float(group.SamplingFrequency), leads, **of_record)


def labelled_with_wfdb(path):
    """Read a record as a labelled one."""
    import wfdb

    record = wfdb.rdrecord(str(path.with_suffix("")))
    return labelled(record.p_signal, record.fs, record.sig_name)


def labelled_with_edfio(path):
    """Read all signals as a labelled record."""
    import edfio

    signals = edfio.read_edf(path).signals
    values = np.array([signal.data for signal in signals]).T / 1000
    labels = [signal.label for signal in signals]
    return labelled(values, signals[0].sampling_frequency, labels)


def read_with_sierraecg(path):
    """Read the leads of a Philips file."""
    import sierraecg

    return [lead.samples for lead in sierraecg.read_file(str(path)).leads]


def read_with_ecgdatakit(path):
    """Read a file of any format that ecgdatakit knows."""
    from ecgdatakit import FileParser

    return FileParser().parse(path)


PEERS = {
    ".dcm": {
        "pydicom": read_with_pydicom,
        "pydicom, labelled": labelled_with_pydicom,
    },
    ".hea": {"wfdb": read_with_wfdb, "wfdb, labelled": labelled_with_wfdb},
    ".edf": {"edfio": read_with_edfio, "edfio, labelled": labelled_with_edfio},
    "philips": {"sierraecg": read_with_sierraecg},
}


def readers_of(path):
    """Return the readers of a file by their name."""
    peers = PEERS.get(path.suffix, {}) | PEERS.get(path.parent.name, {})
    return {"skecg": read_ecg, **peers, "ecgdatakit": read_with_ecgdatakit}


def best_times(readers, path, repeats):
    """Return the best processor time of each reader in ms; NaN where it fails."""
    best = dict.fromkeys(readers, np.inf)
    for _ in range(repeats):
        for name, read in readers.items():
            start = time.process_time()
            try:
                read(path)
            except Exception:
                best[name] = np.nan
                continue
            best[name] = min(best[name], 1000 * (time.process_time() - start))
    return best


def peak_of(read, path):
    """Return the peak of memory of one reading in MB; NaN where it fails."""
    tracemalloc.start()
    try:
        read(path)
        return tracemalloc.get_traced_memory()[1] / 1e6
    except Exception:
        return np.nan
    finally:
        tracemalloc.stop()


def main():
    """Print a table with a row for each file and reader."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| file | size, kB | reader | ms | records a second | memory, MB |")
    print("|---|---|---|---|---|---|")
    written = Path(tempfile.mkdtemp())
    for suffix in (".edf", ".csv", ".npz"):
        record = read_ecg(options.samples / FILES[0])
        write_ecg(record, written / f"Example{suffix}")
    paths = [options.samples / file for file in FILES] + sorted(written.iterdir())
    for path in paths:
        readers = readers_of(path)
        for name, ms in best_times(readers, path, options.repeats).items():
            peak = peak_of(readers[name], path)
            size = path.stat().st_size / 1000
            cells = f"{ms:.1f} | {1000 / ms:,.0f} | {peak:.1f}"
            print(f"| {path.name} | {size:.0f} | {name} | {cells} |")


if __name__ == "__main__":
    main()
