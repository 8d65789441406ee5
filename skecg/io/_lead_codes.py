"""Names of leads by the numbers of SCP-ECG, which ISO/IEEE 11073 and DICOM share."""

# EN 1064, table of lead identification; MDC codes are ``2:number``, and codes of the
# scheme SCPECG in DICOM ``5.6.3-9-number``.
LEAD_OF_NUMBER = {
    **{1: "I", 2: "II"},
    **{number: f"V{number - 2}" for number in range(3, 10)},
    **{number: f"V{number - 8}R" for number in range(10, 16)},
    **{16: "X", 17: "Y", 18: "Z"},
    **{61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR"},
    **{66: "V8", 67: "V9", 68: "V8R", 69: "V9R"},
    **{70: "Nehb D", 71: "Nehb A", 72: "Nehb J"},
}


def lead_of_number(number: int) -> str:
    """Return the name of a lead, one that says its number where it has no other."""
    return LEAD_OF_NUMBER.get(number, f"lead {number}")
