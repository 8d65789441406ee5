"""Small files in the XML formats, as their published or usual layout has them."""

import base64
import zlib

import numpy as np

LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def counts(n_times=40, n_leads=8, seed=0):
    """Return counts of shape (n_times, n_leads)."""
    rng = np.random.default_rng(seed)
    return rng.integers(-900, 900, (n_times, n_leads)).cumsum(axis=0) // 20


def base64_of(lead):
    return base64.b64encode(lead.astype("<i2").tobytes()).decode()


def aecg(samples, leads=LEADS, *, increment='value="2" unit="ms"', scale="2.5"):
    """Return an annotated ECG whose representative beat stands before its rhythm."""

    def sequence(lead, values):
        return (
            f'<component><sequence><code code="MDC_ECG_LEAD_{lead.upper()}"/>'
            '<value><origin value="1" unit="mV"/>'
            f'<scale value="{scale}" unit="uV"/>'
            f"<digits> {' '.join(map(str, values))} </digits></value>"
            "</sequence></component>"
        )

    def series(code, values):
        sequences = "".join(map(sequence, leads, values.T))
        return (
            f'<component><series><code code="{code}"/><component><sequenceSet>'
            '<component><sequence><code code="TIME_RELATIVE"/><value>'
            f"<increment {increment}/></value></sequence></component>"
            f"{sequences}</sequenceSet></component></series></component>"
        )

    return (
        '<?xml version="1.0"?><!-- note --><AnnotatedECG xmlns="urn:hl7-org:v3">'
        '<effectiveTime><center value="20021122091000"/></effectiveTime>'
        '<componentOf><trialSubject><id extension="P1"/><subjectDemographicPerson>'
        '<administrativeGenderCode code="F"/><birthTime value="19530508"/>'
        "</subjectDemographicPerson></trialSubject></componentOf>"
        f"{series('REPRESENTATIVE_BEAT', 2 * samples)}{series('RHYTHM', samples)}"
        "</AnnotatedECG>"
    ).encode()


def muse(samples, leads=LEADS, *, gains=None, crc=True, base="500", exponent="0"):
    """Return a MUSE export whose median beat stands before its rhythm."""
    gains = ["4.88"] * len(leads) if gains is None else gains

    def lead_data(lead, gain, values):
        data = values.astype("<i2").tobytes()
        return (
            f"<LeadData><LeadSampleCountTotal>{len(values)}</LeadSampleCountTotal>"
            f"<LeadAmplitudeUnitsPerBit>{gain}</LeadAmplitudeUnitsPerBit>"
            "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>"
            f"<LeadID>{lead}</LeadID><LeadSampleSize>2</LeadSampleSize>"
            f"<LeadDataCRC32>{zlib.crc32(data) if crc else 0}</LeadDataCRC32>"
            f"<WaveFormData>{base64_of(values)}\n</WaveFormData></LeadData>"
        )

    def waveform(kind, values):
        leads_data = "".join(map(lead_data, leads, gains, values.T))
        return (
            f"<Waveform><WaveformType>{kind}</WaveformType>"
            f"<SampleBase>{base}</SampleBase><SampleExponent>{exponent}"
            "</SampleExponent><HighPassFilter>5</HighPassFilter>"
            f"<LowPassFilter>100</LowPassFilter>{leads_data}</Waveform>"
        )

    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n<RestingECG>'
        "<PatientDemographics><PatientID>P1</PatientID><PatientAge>18</PatientAge>"
        "<AgeUnits>MONTHS</AgeUnits><Gender>FEMALE</Gender></PatientDemographics>"
        "<TestDemographics><AcquisitionDevice>MAC55</AcquisitionDevice>"
        "</TestDemographics>"
        f"{waveform('Median', samples[:10])}{waveform('Rhythm', samples)}"
        "</RestingECG>"
    ).encode("latin-1")


def cardiosoft(body):
    """Return a CardioSoft export around StripData or FullDisclosure."""
    return (
        "<CardiologyXML><ObservationDateTime><Day>2</Day><Month>1</Month>"
        "<Year>2020</Year></ObservationDateTime><PatientInfo><PID>P1</PID>"
        "<BirthDateTime><Day>3</Day><Month>1</Month><Year>1960</Year></BirthDateTime>"
        "<Gender>MALE</Gender></PatientInfo><FilterSetting><Filter50Hz>yes"
        '</Filter50Hz><LowPass units="Hz">150</LowPass></FilterSetting>'
        f"{body}</CardiologyXML>"
    ).encode()


def strip(samples, leads=LEADS, *, resolution='units="uVperLsb">5'):
    """Return StripData."""
    waveforms = "".join(
        f'<WaveformData lead="{lead}">{",".join(map(str, values))},</WaveformData>'
        for lead, values in zip(leads, samples.T, strict=True)
    )
    return (
        '<StripData><SampleRate units="Hz">500</SampleRate>'
        f"<Resolution {resolution}</Resolution>{waveforms}</StripData>"
    )


def full_disclosure(values, leads, fs):
    """Return FullDisclosure of samples in the order they are given."""
    return (
        f"<FullDisclosure><SampleRate>{fs}</SampleRate>"
        f'<Resolution units="uVperLsb">5</Resolution>'
        f"<LeadOrder>{','.join(leads)}</LeadOrder><FullDisclosureData>"
        f"{','.join(map(str, values))}</FullDisclosureData></FullDisclosure>"
    )


def philips(samples, leads, *, version="1.04", encoding="utf-8", compression=None):
    """Return a Sierra XML file of 500 Hz and 5 uV a count."""
    data = samples.T.astype("<i2").tobytes()
    if compression == "XLI":
        data = b"".join(xli(lead) for lead in samples.T)
    duration = 1000 * len(samples) // 500
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        '<restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo>'
        f"<documentversion>{version}</documentversion></documentinfo>"
        '<dataacquisition date="2008-12-23"><machine>PageWriter</machine>'
        "<signalcharacteristics><samplingrate>500</samplingrate>"
        "<resolution>5</resolution><hipass>0.05</hipass><lowpass>150</lowpass>"
        f"<numberchannelsallocated>{len(leads)}</numberchannelsallocated>"
        "</signalcharacteristics></dataacquisition><patient><generalpatientdata>"
        '<age defaultage="50"><dateofbirth>1976-01-01</dateofbirth></age>'
        "<sex>Female</sex></generalpatientdata></patient><waveforms>"
        f'<parsedwaveforms dataencoding="Base64" numberofleads="{len(leads)}" '
        f'leadlabels="{" ".join(leads)}" durationperchannel="{duration}" '
        f'compression="{compression or "Uncompressed"}">'
        f"{base64.encodebytes(data).decode()}</parsedwaveforms></waveforms>"
        "</restingecgdata>"
    ).encode(encoding)


def xli(lead):
    """Compress one lead as recorders do, with codes for single bytes alone."""
    lead = lead.astype(np.int64)
    second = lead[2:] - 2 * lead[1:-1] + lead[:-2]
    words = np.concatenate([lead[:2], 64 - second[1:], [0]]).astype(">i2")
    packed = words.view(np.uint8).reshape(-1, 2).T.ravel()
    codes = "".join(f"{code:010b}" for code in [*packed.tolist(), 1023])
    codes += "0" * (-len(codes) % 8)
    body = bytes(int(codes[k : k + 8], 2) for k in range(0, len(codes), 8))
    start = int(-second[0]).to_bytes(2, "little", signed=True)
    return len(body).to_bytes(4, "little") + b"\0\0" + start + body


def mortara(samples, leads=LEADS, *, attributes=""):
    """Return an ELI export of 1 uV a count."""
    channels = "".join(
        f'<CHANNEL NAME="{lead}" BITS="16" UNITS_PER_MV="1000" SAMPLE_FREQ="500" '
        f'DURATION="{len(values)}" DATA="{base64_of(values)}" {attributes}/>'
        for lead, values in zip(leads, samples.T, strict=True)
    )
    return (
        '<?xml version="1.0"?><ECG AGE="61" AGE_UNITS="YEARS">'
        '<SUBJECT ID="P1" GENDER="Male"/><SOURCE MODEL="ELI 250"/>'
        f'<TYPICAL_CYCLE BITS="16"/>{channels}</ECG>'
    ).encode()


def schiller(samples, leads=LEADS, *, exponent="1", units="uV", stored="COMMASEPARATE"):
    """Return a SEMA export of 5 uV a count, whose averages stand before its rhythm."""

    def waves(kind, values):
        channels = "".join(
            f"<channel><name>{lead}</name><datastype>{stored}</datastype>"
            f"<data>{','.join(map(str, column))},</data></channel>"
            for lead, column in zip(leads, values.T, strict=True)
        )
        return (
            f"<wavedata><type>{kind}</type><resolution><samplerate><value>500</value>"
            f"<exponent>{exponent}</exponent></samplerate><yres><units>{units}</units>"
            f"<unitperbit>5</unitperbit></yres></resolution>{channels}</wavedata>"
        )

    return (
        '<?xml version="1.0"?><com.xiriuz.sema.xml.schillerEDI.SchillerEDI>'
        "<patdata><id>P1</id><gender>FEMALE</gender><birthdate>19600103</birthdate>"
        "</patdata><examdescript><startdatetime><date>20200102</date></startdatetime>"
        f"</examdescript><eventdata><event>{waves('ECG_AVERAGES', 2 * samples[:9])}"
        f"{waves('ECG_RHYTHMS', samples)}</event></eventdata>"
        "</com.xiriuz.sema.xml.schillerEDI.SchillerEDI>"
    ).encode()
