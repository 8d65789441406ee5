"""Choosing leads."""

from collections.abc import Sequence

import numpy as np

from skecg.preprocessing._base import RecordTransformer, unnamed_leads
from skecg.utils import (
    StrOptions,
    lead_index,
    lead_key,
    read_lead_names,
    resolve_leads,
)

_DERIVED_LEADS = frozenset({"III", "AVR", "AVL", "AVF"})


class LeadSelector(RecordTransformer):
    """Choose leads, by name or the independent ones.

    Parameters
    ----------
    leads : "independent" or sequence of str, default="independent"
        Names of the leads to keep, in this order; upper and lower case are the same.
        ``"independent"`` drops III, aVR, aVL and aVF where I and II are present, from
        which these four follow.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many.

    Attributes
    ----------
    lead_index_ : list of int
        Where the chosen leads stand in X.

    leads_ : tuple of str or None
        Names of the chosen leads; None where they are not known.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    skecg.signal.limb_leads : The four dependent limb leads from I and II.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import LeadSelector
    >>> X = np.zeros((2, 1000, 12))
    >>> LeadSelector().fit_transform(X).shape
    (2, 1000, 8)
    >>> LeadSelector(["V5", "aVL"]).fit(X).lead_index_
    [10, 4]
    >>> LeadSelector(["V7"]).fit(X)
    Traceback (most recent call last):
    ...
    ValueError: LeadSelector needs the leads ['V7'], but X has only ['I', 'II', ...
    """

    _parameter_constraints: dict = {
        "leads": [StrOptions({"independent"}), "array-like"],
        "lead_names": ["array-like", None],
    }

    def __init__(
        self,
        leads: str | Sequence[str] = "independent",
        *,
        lead_names: Sequence[str] | None = None,
    ):
        self.leads = leads
        self.lead_names = lead_names

    def _fit(self, values, labels):
        if isinstance(self.leads, str):
            names = self._names()
            self.lead_index_ = _independent(names, self.n_leads_in_)
        else:
            wanted = read_lead_names(self.leads, name="leads")
            names = self._names(required=True)
            self.lead_index_ = lead_index(names, wanted, "LeadSelector")
        self.leads_ = names and tuple(names[i] for i in self.lead_index_)

    def _transform(self, values, labels):
        index = self.lead_index_
        if labels is not None and labels.lead_names and self.leads_:
            # Labelled records may follow plain ones at `fit`, in another order.
            index = lead_index(labels.lead_names, self.leads_, "LeadSelector")
        chosen = np.ascontiguousarray(values[:, :, index])
        return chosen if labels is None else labels.select_leads(index).wrap(chosen)

    def _leads_out(self):
        return self.leads_ or unnamed_leads(self.lead_index_)

    def _names(self, required=False):
        """Return the names of the leads of X, None where they are not known."""
        names = resolve_leads(self, None, required=required)
        given = names if self.lead_names is None else self.lead_names
        if names and [*map(lead_key, given)] != [*map(lead_key, names)]:
            raise ValueError(
                f"lead_names={list(given)} contradicts the order of the labels of X, "
                f"{list(names)}; leave lead_names=None to use the labels."
            )
        return names


def _independent(names, n_leads):
    """Return the leads that do not follow from I and II."""
    keys = [*map(lead_key, names or [])]
    # Without both, the other limb leads follow from nothing and are kept.
    if not {"I", "II"} <= set(keys):
        return list(range(n_leads))
    return [i for i, key in enumerate(keys) if key not in _DERIVED_LEADS]
