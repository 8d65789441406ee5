"""Find left ventricular hypertrophy (LVH) in 12-lead ECGs with scikit-learn.

Every public name can be imported from here. Each is loaded at its first use, so
that ``import skecg`` loads neither TensorFlow nor matplotlib.
"""

from importlib import import_module as _import_module

_SUBPACKAGES = {
    "io": [
        "ECGFileError",
        "list_formats",
        "read_ecg",
        "read_ecgs",
        "sniff_format",
        "write_ecg",
    ],
    "preprocessing": [
        "ECGConverter",
        "ECGCropper",
        "ECGFilter",
        "ECGFlattener",
        "ECGMedianBeat",
        "ECGQualityChecker",
        "ECGResampler",
        "ECGScaler",
        "ECGUnflattener",
        "LeadSelector",
    ],
    "classification": [
        "LVHCNNClassifier",
        "LVHHybridClassifier",
        "LVHLSTMClassifier",
        "LVHResNetClassifier",
        "ResampledClassifier",
    ],
    "criteria": ["CriterionClassifier", "ECGMeasurer", "VoltageCriteria"],
    "imbalance": ["BeatAlignedSMOTE", "ECGAugmenter", "RecordSampler"],
    "datasets": [
        "fetch_ptbxl",
        "load_challenge",
        "load_ecg_csv",
        "load_ptbxl",
        "make_lvh_ecg",
        "read_wfdb_records",
    ],
    "evaluation": [
        "LVHReport",
        "check_leakage",
        "evaluate_lvh",
        "patient_bootstrap",
    ],
    "explanation": [
        "attribution_by_wave",
        "deletion_curve",
        "integrated_gradients",
        "lead_importance",
        "occlusion",
    ],
    "export": ["load_onnx", "to_onnx"],
    "pretrained": [
        "load_pretrained",
        "pretrained_card",
        "pretrained_names",
        "recalibrate",
    ],
    "plotting": [
        "DecisionCurveDisplay",
        "ECGDisplay",
        "MedianBeatDisplay",
        "PrecisionRecallBandDisplay",
        "ReliabilityDisplay",
        "RocBandDisplay",
        "SubgroupForestDisplay",
        "TrainingHistoryDisplay",
    ],
}
_SUBPACKAGE_OF = {
    name: subpackage for subpackage, names in _SUBPACKAGES.items() for name in names
}

__all__ = sorted(_SUBPACKAGE_OF)


def __getattr__(name):
    if name in _SUBPACKAGE_OF:
        return getattr(_import_module(f"{__name__}.{_SUBPACKAGE_OF[name]}"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), *__all__, "__version__"]
