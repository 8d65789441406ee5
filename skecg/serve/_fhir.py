"""Answers as FHIR R4 resources: a Bundle of Observation and RiskAssessment."""

from typing import Any

FHIR = "application/fhir+json"

_LVH = {
    "system": "http://snomed.info/sct",
    "code": "55827005",
    "display": "Left ventricular hypertrophy",
}
_ECG = {
    "system": "http://loinc.org",
    "code": "11524-6",
    "display": "EKG study",
}


def as_fhir(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answers to the files of one request as a FHIR Bundle, a collection.

    Each file that was read gives a RiskAssessment with the probability, and an
    Observation with criteria and the caveat; each refused one an OperationOutcome. They
    name no patient: who asked knows whose file it was.
    """
    entries = []
    for result in results:
        answer = result["answer"]
        if answer is None:
            said = result["reason"] or "refused"
            issue = {"severity": "error", "code": "invalid", "diagnostics": said}
            entries.append({"resourceType": "OperationOutcome", "issue": [issue]})
            continue
        model, caveat = answer["model"], answer["caveat"]
        digest = {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:sha256:{answer['input_sha256']}",
        }
        method = {"text": f"skecg {model['name']}, SHA-256 {model['sha256']}"}
        unknown = {"display": "not stated; see the identifier of the recording"}
        rationale = (
            f"{d['name']}: {'positive' if d['positive'] else 'negative'} at "
            f"{d['threshold']:.4g}"
            for d in answer["decisions"]
        )
        entries.append(
            {
                # Preliminary, as nobody has looked at it.
                "resourceType": "RiskAssessment",
                "status": "preliminary",
                "identifier": [digest],
                "subject": unknown,
                "method": method,
                "prediction": [
                    {
                        "outcome": {"coding": [_LVH]},
                        "probabilityDecimal": round(answer["probability"], 6),
                        "rationale": "; ".join(rationale),
                    }
                ],
                "note": [{"text": text} for text in (caveat, *answer["warnings"])],
            }
        )
        entries.append(
            {
                "resourceType": "Observation",
                "status": "preliminary",
                "identifier": [digest],
                "code": {"coding": [_ECG]},
                "subject": unknown,
                "component": [
                    {
                        "code": {"text": c["title"]},
                        "valueString": "{value} ({threshold}): {result}".format(**c),
                    }
                    for c in answer["criteria"]
                ],
                "note": [{"text": caveat}],
            }
        )
    resources = [{"resource": resource} for resource in entries]
    return {"resourceType": "Bundle", "type": "collection", "entry": resources}
