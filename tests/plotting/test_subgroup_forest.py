import numpy as np
import pytest
from numpy.testing import assert_allclose

from skecg import LVHReport, SubgroupForestDisplay


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    ward = np.where(np.arange(200) < 6, "small", "large")
    y[:6] = 1  # one class alone
    return LVHReport.from_predictions(
        y,
        np.clip(0.4 * y + rng.random(200) * 0.6, 0, 1),
        sex=rng.integers(0, 2, 200),
        age=np.where(np.arange(200) < 12, 30, 60),
        subgroups={"ward": ward},
        operating_points=[0.4],
        n_bootstrap=60,
    )


def test_estimates_and_intervals_are_the_rows_of_the_report(report):
    display = SubgroupForestDisplay.from_report(report)
    table = report.subgroups
    places = dict(
        zip(
            (label.get_text() for label in display.ax_.get_yticklabels()),
            display.ax_.get_yticks(),
            strict=True,
        )
    )
    drawn = dict(zip(display.line_.get_ydata(), display.line_.get_xdata(), strict=True))
    segments = [path for path in display.bars_.get_segments() if len(path)]
    bars = {path[0, 1]: path[:, 0] for path in segments}
    for (variable, level), row in table.iterrows():
        place = places[f"{level} ({row['n_positive']:,} of {row['n_records']:,})"]
        assert place < places[variable], "a level stands below its heading"
        if np.isnan(row["auroc"]):
            assert np.isnan(drawn[place])
            continue
        assert drawn[place] == row["auroc"]
        assert_allclose(bars[place], row[["auroc_low", "auroc_high"]].astype(float))


def test_headings_stand_above_their_levels_in_the_reports_order(report):
    display = SubgroupForestDisplay.from_report(report)
    labels = display.ax_.get_yticklabels()
    bold = [label.get_text() for label in labels if label.get_fontweight() == "bold"]
    assert bold == ["sex", "age", "ward"]
    assert labels[0].get_text() == "sex"
    assert labels[1].get_text().startswith("men (")
    assert (np.diff(display.ax_.get_yticks()) == -1).all()


@pytest.mark.parametrize("metric", ["auroc", "sensitivity", "specificity"])
def test_the_line_is_the_figure_of_all_records(metric, report):
    display = SubgroupForestDisplay.from_report(report, metric=metric)
    where = report.summary["estimate"] if metric == "auroc" else None
    expected = (
        where["auroc"] if where is not None else report.operating_points[metric].iloc[0]
    )
    assert set(display.overall_.get_xdata()) == {expected}
    assert display.ax_.get_xlabel().lower().startswith(metric)


def test_few_records_are_hollow_and_a_single_class_is_not_defined(report):
    display = SubgroupForestDisplay.from_report(report)
    (hollow,) = (line for line in display.ax_.lines if line.get_mfc() == "white")
    few = [row for row in display.rows if row["note"].endswith("records of a class")]
    assert len(hollow.get_ydata()) == len(few) == 2
    written = [text.get_text() for text in display.ax_.texts]
    assert "not defined" in written
    men = report.subgroups.loc[("sex", "men")]
    assert (
        f"{men['auroc']:.3f} ({men['auroc_low']:.3f} to {men['auroc_high']:.3f})"
        in written
    )


def test_figures_can_be_left_out_for_one_column(report, pyplot):
    display = SubgroupForestDisplay(report.tables["subgroups"])
    with_figures = len(display.plot().ax_.texts)
    figure, ax = pyplot.subplots(figsize=(85 / 25.4, 3), layout="constrained")
    display.plot(ax, write_figures=False)
    assert display.figure_ is figure
    assert with_figures - len(ax.texts) == len(display.rows)
    assert display.overall_ is None


def test_new_figure_is_two_columns_wide_and_as_high_as_its_rows(report):
    whole = SubgroupForestDisplay.from_report(report)
    assert whole.figure_.get_figwidth() * 25.4 == pytest.approx(180)
    fewer = SubgroupForestDisplay(report.tables["subgroups"][:2])
    assert fewer.figure_size[1] < whole.figure_size[1]
    pytest.importorskip("numpydoc", reason="numpydoc is of the extra 'lint'")
    from numpydoc.docscrape import NumpyDocString

    documented = NumpyDocString(SubgroupForestDisplay.__doc__)["Attributes"]
    names = [name for entry in documented for name in entry.name.split(", ")]
    assert all(getattr(whole, name) is not None for name in names)


def test_nothing_is_drawn_outside_the_figure(report):
    figure = SubgroupForestDisplay.from_report(report).figure_
    figure.canvas.draw()
    inked = figure.get_tightbbox()
    assert inked.x0 >= -0.01
    assert inked.x1 <= figure.get_figwidth() + 0.01
    assert inked.y1 <= figure.get_figheight() + 0.01


def test_rates_without_an_operating_point_and_no_subgroups_are_named(report):
    plain = LVHReport.from_predictions(
        report.y_true, report.y_score, sex=np.arange(200) % 2, n_bootstrap=10
    )
    with pytest.raises(ValueError, match="no sensitivity, as no operating point"):
        SubgroupForestDisplay.from_report(plain, metric="sensitivity")
    alone = LVHReport.from_predictions(report.y_true, report.y_score, n_bootstrap=10)
    with pytest.raises(ValueError, match="no subgroups to draw; give the report sex"):
        SubgroupForestDisplay.from_report(alone)
    with pytest.raises(ValueError, match=r"metric must be one of .*, got 'f1'"):
        SubgroupForestDisplay.from_report(report, metric="f1")
