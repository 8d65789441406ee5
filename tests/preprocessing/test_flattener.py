"""ECGFlattener and ECGUnflattener: exact inverses around scikit-learn's tables."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from skecg import ECGFlattener, ECGUnflattener, make_lvh_ecg
from skecg.signal import LEAD_NAMES
from tests.preprocessing.records import labelled


def _records(shape=(5, 7, 12), dtype=float):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def test_leads_of_one_sample_stand_side_by_side():
    X = _records()
    rows = ECGFlattener().fit_transform(X)
    for time, lead in [(0, 0), (0, 11), (3, 5), (6, 11)]:
        np.testing.assert_array_equal(rows[:, time * 12 + lead], X[:, time, lead])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_leads", [1, 3, 12])
def test_unflattener_is_the_exact_inverse(dtype, n_leads):
    X = _records((5, 7, n_leads), dtype)
    flattener = ECGFlattener()
    rows = flattener.fit_transform(X)
    for inverse in (
        ECGUnflattener(n_leads).fit_transform(rows),
        flattener.inverse_transform(rows),
    ):
        assert inverse.dtype == dtype
        np.testing.assert_array_equal(inverse, X)
        assert not np.shares_memory(inverse, rows)


def test_one_lead_of_two_dimensions_stays_as_it_is():
    X = _records((5, 7))
    flattener = ECGFlattener().fit(X)
    np.testing.assert_array_equal(flattener.transform(X), X)
    np.testing.assert_array_equal(flattener.inverse_transform(X), X)


def test_a_step_for_tables_only_works_between_the_two():
    X = _records((20, 7, 12))
    pipeline = make_pipeline(ECGFlattener(), PCA(3), ECGFlattener(), ECGUnflattener(3))
    assert pipeline.fit_transform(X).shape == (20, 1, 3)


@pytest.mark.parametrize(
    ("X", "names"),
    [
        (_records(), ("I_0", "V6_6")),
        (_records((5, 7, 8)), ("I_0", "V6_6")),
        (_records((5, 7, 3)), ("lead0_0", "lead2_6")),
        (_records((5, 7)), ("lead0_0", "lead0_6")),
    ],
)
def test_columns_are_named_by_lead_and_sample(X, names):
    flattener = ECGFlattener().fit(X)
    given = flattener.get_feature_names_out()
    assert (given[0], given[-1]) == names
    assert len(given) == flattener.transform(X).shape[1]


def test_columns_are_named_by_the_labels():
    flattener = ECGFlattener().fit(labelled(_records((5, 7, 2)), leads=("V1", "V2")))
    assert flattener.get_feature_names_out()[-1] == "V2_6"


def test_a_table_of_pandas_has_the_names_and_the_values():
    pytest.importorskip("pandas")
    X = _records()
    table = ECGFlattener().set_output(transform="pandas").fit_transform(X)
    assert table.columns[:12].tolist() == [f"{name}_0" for name in LEAD_NAMES]
    np.testing.assert_array_equal(table["V2_4"], X[:, 4, 7])


def test_labels_end_at_the_table():
    X = labelled(_records())
    rows = ECGFlattener().fit_transform(X)
    assert type(rows) is np.ndarray
    np.testing.assert_array_equal(rows, X.values.reshape(5, -1))


def test_rows_of_another_width_cannot_be_put_back():
    flattener = ECGFlattener().fit(_records())
    with pytest.raises(ValueError, match=r"72 columns, .* 7 samples and 12 leads"):
        flattener.inverse_transform(_records((5, 72)))


def test_columns_that_the_leads_do_not_divide_are_an_error():
    with pytest.raises(
        ValueError, match="85 columns, which n_leads=12 does not divide"
    ):
        ECGUnflattener().fit(_records((5, 85)))


def test_records_of_three_dimensions_need_no_unflattening():
    with pytest.raises(ValueError, match="takes rows of .* leave it out"):
        ECGUnflattener().fit(_records())


@pytest.mark.parametrize("leads", [range(12), [0, 1, 6, 7, 8, 9, 10, 11], [10, 11]])
def test_rows_of_one_lead_after_the_other_are_refused(leads):
    X = make_lvh_ecg(8, fs=100, random_state=0).data[:, :, list(leads)]
    rows = X.reshape(8, -1)
    unflattener = ECGUnflattener(len(leads)).fit(rows)
    np.testing.assert_array_equal(unflattener.transform(rows), X)
    for method in (unflattener.transform, ECGUnflattener(len(leads)).fit):
        with pytest.raises(ValueError, match="leads one after the other"):
            method(X.transpose(0, 2, 1).reshape(8, -1))


def test_number_of_leads_out_of_range_is_named():
    with pytest.raises(ValueError, match="'n_leads' parameter of ECGUnflattener"):
        ECGUnflattener(0).fit(_records((5, 84)))


def test_records_have_no_table_form_and_set_output_leaves_them_arrays():
    unflattener = ECGUnflattener(12).set_output(transform="pandas")
    records = unflattener.fit_transform(_records((5, 84)))
    assert type(records) is np.ndarray
    assert records.shape == (5, 7, 12)
