"""Pure functions on arrays of shape (n_records, n_times, n_leads), in mV."""

from skecg.signal._align import align_beats
from skecg.signal._augment import (
    baseline_wander,
    electrode_mixing,
    low_pass_records,
    mains_hum,
    muscle_noise,
    rotate_dipole,
    shift_records,
)
from skecg.signal._beats import detect_beats
from skecg.signal._blend import (
    RecordBeats,
    blend_beats,
    blend_records,
    find_record_beats,
)
from skecg.signal._classes import FEWEST_BEATS, classify_beats, share_left_out
from skecg.signal._filter import filter_signal, resolve_band
from skecg.signal._leads import DOWER, arrange_leads, limb_leads
from skecg.signal._limits import FINDING_UNITS, FINDINGS, QualityLimits
from skecg.signal._lost_leads import estimate_lost_leads
from skecg.signal._measure import measure_records
from skecg.signal._median import median_beat
from skecg.signal._plausible import (
    breaks_einthoven,
    exchanged_limb_leads,
    flat_leads,
    silent_leads,
)
from skecg.signal._quality import Quality, assess_quality
from skecg.signal._quality_gate import (
    Doubts,
    describe_doubts,
    describe_voltages,
    find_doubts,
    lost_in_most,
    name_records,
)
from skecg.signal._resample import resample_signal
from skecg.signal._reversal import (
    EXCHANGES,
    ExchangeTest,
    LeadExchange,
    exchange_electrodes,
    find_exchanges,
)
from skecg.signal._scale import amplitude_statistics
from skecg.signal._segments import WAVES, segment_waves
from skecg.signal._table import MEASUREMENT_DTYPE, REASONS
from skecg.signal._waves import qrs_waves
from skecg.utils import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    canonical_lead_name,
    resolve_lead_names,
    standard_leads,
)

__all__ = [
    "DOWER",
    "Doubts",
    "EXCHANGES",
    "FEWEST_BEATS",
    "ExchangeTest",
    "FINDINGS",
    "FINDING_UNITS",
    "INDEPENDENT_LEADS",
    "LEAD_NAMES",
    "LeadExchange",
    "MEASUREMENT_DTYPE",
    "Quality",
    "QualityLimits",
    "REASONS",
    "RecordBeats",
    "WAVES",
    "align_beats",
    "amplitude_statistics",
    "arrange_leads",
    "assess_quality",
    "baseline_wander",
    "blend_beats",
    "blend_records",
    "breaks_einthoven",
    "canonical_lead_name",
    "classify_beats",
    "describe_doubts",
    "describe_voltages",
    "detect_beats",
    "electrode_mixing",
    "estimate_lost_leads",
    "exchange_electrodes",
    "exchanged_limb_leads",
    "filter_signal",
    "find_doubts",
    "find_exchanges",
    "find_record_beats",
    "flat_leads",
    "limb_leads",
    "lost_in_most",
    "low_pass_records",
    "mains_hum",
    "measure_records",
    "median_beat",
    "muscle_noise",
    "name_records",
    "qrs_waves",
    "resample_signal",
    "resolve_band",
    "resolve_lead_names",
    "rotate_dipole",
    "segment_waves",
    "share_left_out",
    "shift_records",
    "silent_leads",
    "standard_leads",
]
