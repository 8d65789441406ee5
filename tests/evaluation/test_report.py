import json
import re
import sys
from copy import copy
from functools import partial

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    roc_auc_score,
)

from skecg import LVHReport, patient_bootstrap
from skecg.metrics import ScoredRecords, patient_weights, weighted_roc_auc

pytest.importorskip("pandas")


def _cohort(n_patients=150):
    """Labels, probabilities, patients and what is known of them."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n_patients), rng.integers(1, 4, n_patients))
    odds = rng.normal(-0.5, 1.5, n_patients)[groups]
    y = rng.random(len(groups)) < expit(odds)
    return {
        "y_true": y.astype(int),
        "y_score": expit(odds),
        "groups": groups,
        "sex": rng.integers(0, 2, n_patients)[groups],
        "age": rng.integers(20, 95, n_patients)[groups],
        "conduction": (rng.random(n_patients) < 0.1)[groups],
    }


@pytest.fixture(scope="module")
def cohort():
    return _cohort()


@pytest.fixture(scope="module")
def report(cohort):
    return LVHReport.from_predictions(**cohort, operating_points=[0.3], n_bootstrap=300)


def test_figures_are_scikit_learns_and_intervals_those_of_patient_bootstrap(
    cohort, report
):
    y, score, groups = cohort["y_true"], cohort["y_score"], cohort["groups"]
    metrics = {
        "auroc": roc_auc_score,
        "average_precision": average_precision_score,
        "brier_score": brier_score_loss,
    }
    for name, metric in metrics.items():
        expected = patient_bootstrap(metric, y, score, groups, n_resamples=300)
        assert report.summary.loc[name].tolist() == pytest.approx(list(expected))


def test_intervals_of_three_records_a_patient_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(120), 3)
    y = (groups % 2).astype(bool)
    truth = norm.cdf(1 / np.sqrt(2 * 1.04))
    by_patient, by_record = (patient_weights(g, 200) for g in (groups, np.arange(360)))
    covered = []
    for _ in range(200):
        score = y + rng.normal(0, 1, 120)[groups] + rng.normal(0, 0.2, 360)
        found = [
            ScoredRecords(y, score, groups, w, 0.95, True).over_patients(
                partial(weighted_roc_auc, y, score)
            )
            for w in (by_patient, by_record)
        ]
        covered.append([low <= truth <= high for _, low, high in found])
    right, blind = np.mean(covered, axis=0)
    assert 0.90 <= right <= 0.985
    assert blind < 0.85


def test_decision_curve_follows_its_formula(cohort, report):
    y, score = cohort["y_true"] == 1, cohort["y_score"]
    curve = report.decision_curve
    for t in (0.05, 0.2, 0.5):
        called = score >= t
        expected = (called & y).mean() - (called & ~y).mean() * t / (1 - t)
        row = curve.loc[t]
        assert row["net_benefit"] == pytest.approx(expected)
        assert row["treat_all"] == pytest.approx(
            y.mean() - (1 - y.mean()) * t / (1 - t)
        )
        assert row["net_benefit_low"] <= expected <= row["net_benefit_high"]
        assert row["treat_none"] == 0


def test_subgroups_are_those_records_alone(cohort, report):
    women = cohort["sex"] == 1
    row = report.subgroups.loc[("sex", "women")]
    assert row["n_records"] == women.sum()
    assert row["n_patients"] == len(np.unique(cohort["groups"][women]))
    y, score = cohort["y_true"][women], cohort["y_score"][women]
    assert row["auroc"] == pytest.approx(roc_auc_score(y, score))
    assert row["sensitivity"] == pytest.approx((score >= 0.3)[y == 1].mean())


def test_age_bands_share_out_all_records_and_flag_the_young(cohort, report):
    bands = report.subgroups.loc["age"]
    assert bands["n_records"].sum() == len(cohort["age"])
    assert bands.loc["under 35", "n_records"] == (cohort["age"] < 35).sum()
    assert "not validated under 35" in bands.loc["under 35", "note"]
    assert "not validated" not in bands.loc["35 to 49", "note"]
    assert "do not apply" in report.subgroups.loc[("conduction", "disturbed"), "note"]


def test_age_300_of_ptbxl_is_over_89_and_unknown_age_in_no_band(cohort):
    age = np.full(len(cohort["age"]), 300.0)
    age[:7] = np.nan
    found = LVHReport.from_predictions(**(cohort | {"age": age}), n_bootstrap=20)
    assert found.subgroups.loc["age", "n_records"].to_dict() == {
        "80 and over": len(age) - 7
    }
    assert found.participants.loc["all", "age_median"] == 90


def test_a_subgroup_of_one_class_says_so_instead_of_a_figure(cohort):
    ward = np.where(np.arange(len(cohort["y_true"])) < 3, "small", "large")
    y = cohort["y_true"].copy()
    y[:3] = 0
    found = LVHReport.from_predictions(
        **(cohort | {"y_true": y}), subgroups={"ward": ward}, n_bootstrap=20
    )
    row = found.subgroups.loc[("ward", "small")]
    assert np.isnan(row["auroc"])
    assert row["note"] == "fewer than 10 records of a class"
    assert found.subgroups.loc[("ward", "large"), "note"] == ""


def test_scores_that_are_no_probabilities_have_no_calibration(cohort):
    scores = cohort | {"y_score": 10 * cohort["y_score"] - 5}
    found = LVHReport.from_predictions(**scores, n_bootstrap=20)
    assert found.summary.index.tolist() == ["auroc", "average_precision", "prevalence"]
    assert len(found.decision_curve) == 0
    assert "Reliability" not in found.to_html()


def test_unknown_levels_of_a_subgroup_are_no_level(cohort):
    n = len(cohort["y_true"])
    site = np.array([None, np.nan] + ["A"] * (n - 2), object)
    beds = np.where(np.arange(n) < 3, np.nan, np.arange(n) % 2)
    found = LVHReport.from_predictions(
        **cohort, subgroups={"site": site, "beds": beds}, n_bootstrap=5
    ).subgroups["n_records"]
    assert found["site"].to_dict() == {"A": n - 2}
    assert found["beds"].sum() == n - 3


def test_text_labels_with_a_positive_label_give_the_same_report(cohort):
    words = np.where(cohort["y_true"] == 1, "LVH", "Normal")
    options = {"operating_points": [0.3], "n_bootstrap": 20}
    numbers = LVHReport.from_predictions(
        **cohort, y_pred=cohort["y_true"], y_val=[0, 1], y_score_val=[0, 1], **options
    )
    text = LVHReport.from_predictions(
        **(cohort | {"y_true": words}),
        y_pred=words,
        y_val=["Normal", "LVH"],
        y_score_val=[0, 1],
        positive_label="LVH",
        **options,
    )
    assert text.tables == numbers.tables


def test_notebooks_show_the_main_figures_and_escape_names(report, monkeypatch):
    summary = report._repr_html_()
    assert "<script" not in summary
    assert re.search(r"AUROC</th><td>0\.\d{3} <span", summary)
    assert "threshold 0.3" in summary
    assert "No ECG finding rules" in summary
    found = copy(report)
    found.details = {"findings": ["<b>"]}
    assert "&lt;b&gt;" in found._repr_html_()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert report._repr_html_() is None
    with pytest.raises(ImportError, match=r"to_html needs jinja2; .*skecg\[report\]"):
        report.to_html()


def test_json_is_strict_and_whole(report, tmp_path):
    path = tmp_path / "report.json"
    text = report.to_json(path)
    assert path.read_text(encoding="utf-8") == text

    def refuse(constant):
        raise AssertionError(constant)

    content = json.loads(text, parse_constant=refuse)
    assert list(content)[0] == "caveat"
    assert content["summary"][0]["metric"] == "auroc"
    assert content["details"]["n_bootstrap"] == 300
    assert {"participants", "criteria", "subgroups", "decision_curve"} <= set(content)


@pytest.fixture(scope="module")
def page(report):
    """The page, with a text of the author's."""
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    return report.to_html(title="A <model>", notes={"Outcome": "Echo & MRI"})


def test_page_needs_nothing_else_and_begins_with_the_caveat(page):
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "url(" not in page
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == [
        "Purpose",
        "Participants",
        "Outcome",
        "Predictors",
        "Model",
        "Analysis",
        "Performance",
        "Limitations",
        "Use",
        "Open science",
    ]
    assert "For the author to describe: Funding" in page
    assert page.index("Read this first") < page.index("<h2>")
    assert "A &lt;model&gt;" in page
    assert "Echo &amp; MRI" in page
    assert page.count("data:image/svg+xml;base64,") == 5


def test_page_is_drawn_by_the_displays_and_leaves_no_figure_open(
    report, tmp_path, monkeypatch
):
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot

    from skecg import plotting

    drawn = []
    displays = [getattr(plotting, name) for name in plotting.__all__]
    for display in displays:
        if not hasattr(display, "from_report"):
            continue

        def from_report(cls, report, original=display.from_report.__func__, **options):
            drawn.append(cls.__name__)
            return original(cls, report, **options)

        monkeypatch.setattr(display, "from_report", classmethod(from_report))
    path = tmp_path / "report.html"
    assert report.to_html(path) == path.read_text(encoding="utf-8")
    assert sorted(drawn) == [
        "DecisionCurveDisplay",
        "PrecisionRecallBandDisplay",
        "ReliabilityDisplay",
        "RocBandDisplay",
        "SubgroupForestDisplay",
    ]
    assert pyplot.get_fignums() == []


def test_page_has_each_prevalence_beside_the_other_and_breaks_no_interval(report, page):
    (table,) = re.findall(r"Predictive values by prevalence.*?</table>", page, re.S)
    heads = re.findall(r"<th.*?>(.*?)</th>", table)
    assert heads[1:3] == ["PPV at 5 %", "NPV at 5 %"]
    assert heads[-1] == "NPV at 40 %"
    row = report.predictive_values.loc[("threshold 0.3", 0.4)]
    low, high = (row[f"negative_predictive_value_{end}"] for end in ("low", "high"))
    last = f'<span class="interval">({low:.2f} to {high:.2f})</span></td></tr>'
    assert last in table


def test_page_refuses_a_section_that_it_has_not(report):
    with pytest.raises(ValueError, match=r"got \['Funding'\]"):
        report.to_html(notes={"Funding": "none"})


def test_nothing_that_names_a_patient_leaves_the_report(cohort):
    named = np.array([f"patient-{g}" for g in cohort["groups"]])
    found = LVHReport.from_predictions(**(cohort | {"groups": named}), n_bootstrap=20)
    assert "patient-" not in found.to_json() + found.to_html()
    assert found.groups.max() == len(np.unique(named)) - 1


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    report, tmp_path, monkeypatch
):
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail(*args):
        raise OSError("no space")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="no space"):
        report.to_json(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_repr_names_the_main_figures(report, cohort):
    lines = repr(report).splitlines()
    n = len(cohort["y_true"])
    assert lines[0].startswith(f"LVHReport of {n} records of 150 patients")
    assert re.match(r"  AUROC +0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", lines[1])
    assert any("threshold 0.3" in line and "sensitivity" in line for line in lines)


def test_repr_claims_no_patients_where_none_are_known(cohort):
    known = {name: cohort[name] for name in ("y_true", "y_score")}
    report = LVHReport.from_predictions(**known, operating_points=[0.3], n_bootstrap=20)
    n = len(cohort["y_true"])
    assert f"LVHReport of {n} records counted as patients, " in repr(report)
    given = LVHReport.from_predictions(
        **known, groups=np.arange(n), operating_points=[0.3], n_bootstrap=20
    )
    assert f"LVHReport of {n} records of {n} patients, " in repr(given)


def test_tables_without_pandas_give_one_sentence(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"LVHReport.summary needs pandas; install"):
        _ = report.summary
    assert report.to_json()


def test_an_unknown_table_is_named(report):
    with pytest.raises(ValueError, match="table must be one of"):
        report.to_frame("calibration")


def test_same_seed_same_report_another_seed_another(cohort):
    first, again, other = (
        LVHReport.from_predictions(**cohort, n_bootstrap=50, random_state=seed)
        for seed in (0, 0, 1)
    )
    assert first.to_json() == again.to_json()
    assert first.summary["estimate"].equals(other.summary["estimate"])
    assert not first.summary["low"].equals(other.summary["low"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": np.ones(4)}, "y_true must have two classes, got 1"),
        ({"y_score": [0.1, np.nan, 0.2, 0.3]}, "has 1 values that are NaN"),
        ({"y_score": [0.1, 0.2]}, "inconsistent numbers of samples"),
        ({"groups": [1, 2]}, "groups has 2 values, but there are 4 records"),
        ({"age": [50]}, "age has 1 values, but there are 4 records"),
        ({"sex": [0, 1, 2, 0]}, "sex must be 0 or"),
        ({"subgroups": {"ward": [1]}}, r"subgroups\['ward'\] has 1 values"),
        ({"criteria": "lewis"}, r"write \['lewis'\]"),
        ({"y_pred": [0, 1, 2, 0]}, r"y_pred must have one of the labels \[0, 1\]"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    right = {"y_true": [0, 1, 0, 1], "y_score": [0.2, 0.6, 0.4, 0.3]}
    with pytest.raises(ValueError, match=message):
        LVHReport.from_predictions(**(right | change), n_bootstrap=5)
