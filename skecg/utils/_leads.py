"""The twelve leads: their names, how these are spelt, and where a lead stands."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LEAD_NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order of PTB-XL and of most devices."""

INDEPENDENT_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The eight leads from which the other four follow by Einthoven and Goldberger."""

MOST_LEADS = 15
"""The twelve and the three of Frank; no recording has as few samples."""

_CANONICAL = {name.upper(): name for name in LEAD_NAMES}
# What recorders write before a lead's name. A minus sign is no part of it: -aVR is
# another lead than aVR.
_PREFIX = re.compile(r"(MDC[ _])?((ECG|EKG)[ _:]*)?(LEAD[ _:]*)?")
_LONGEST = 100
"""Characters from which on a text is no lead's name, and not worth remembering."""
_EINTHOVEN = re.compile(r"\s*\((EINTHOVEN|GOLDBERGER|WILSON)\)")


def canonical_lead_name(name: Any) -> str:
    """Return the usual spelling of a lead's name; an unknown name is kept.

    Parameters
    ----------
    name : str or bytes
        A lead's name in any case, such as ``"AVL"``, also with what recorders write
        before it: ``"Lead I"``, ``"ECG V1"``, ``"MDC_ECG_LEAD_AVR"``.

    Returns
    -------
    str
        The name as in :data:`LEAD_NAMES`, or ``name`` stripped of white space.

    Examples
    --------
    >>> canonical_lead_name("AVL"), canonical_lead_name(" v1"), canonical_lead_name("X")
    ('aVL', 'V1', 'X')
    >>> canonical_lead_name("MDC_ECG_LEAD_AVR"), canonical_lead_name("-aVR")
    ('aVR', '-aVR')
    """
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return _canonical(text) if len(text) < _LONGEST else text.strip()


@lru_cache(maxsize=256)
def _canonical(text: str) -> str:
    """Return the usual spelling; one record asks for it some 300 times."""
    stripped = text.strip()
    bare = _EINTHOVEN.sub("", stripped.upper())
    bare = bare[_PREFIX.match(bare).end() :]  # type: ignore[union-attr]
    return _CANONICAL.get(bare, stripped)


def lead_key(name: Any) -> str:
    """Return a lead's canonical name in upper case, equal for all spellings."""
    return canonical_lead_name(name).upper()


def standard_leads(n_leads: int) -> tuple[str, ...] | None:
    """Return what unnamed leads are taken for.

    Parameters
    ----------
    n_leads : int
        Number of leads.

    Returns
    -------
    tuple of str or None
        The twelve leads or the eight independent ones where there are so many, None
        for any other number.

    Examples
    --------
    >>> standard_leads(8)
    ('I', 'II', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6')
    """
    return {12: LEAD_NAMES, 8: INDEPENDENT_LEADS}.get(n_leads)


def read_lead_names(
    lead_names: Sequence[str], n_leads: int | None = None, *, name: str = "lead_names"
) -> tuple[str, ...]:
    """Return names of leads in their usual spelling.

    They must be a list of text, not be empty, name no lead twice, and be `n_leads` if
    that is given; `name` is the argument's name in errors.
    """
    if isinstance(lead_names, str | bytes):
        raise TypeError(
            f"{name} must be a list of names, but got {lead_names!r}; give "
            f"[{lead_names!r}]."
        )
    given = list(lead_names)
    wrong = [lead for lead in given if not isinstance(lead, str | bytes)]
    if wrong:
        raise TypeError(
            f"{name} must be names such as 'V5', but got {wrong[0]!r} of type "
            f"{type(wrong[0]).__name__}; name the leads."
        )
    names = tuple(canonical_lead_name(lead) for lead in given)
    if n_leads is not None and len(names) != n_leads:
        raise ValueError(
            f"{name} has {len(names)} names, but X has {n_leads} leads; name each lead "
            "once."
        )
    if not names:
        raise ValueError(f"{name} must name at least one lead, but is empty.")
    if len({lead_key(lead) for lead in names}) < len(names):
        raise ValueError(f"{name} names a lead twice: {given}; rename one of them.")
    return names


def resolve_lead_names(
    given: Sequence[str] | None,
    labelled: Sequence[str] | None,
    n_leads: int,
    *,
    required: bool = False,
) -> tuple[str, ...] | None:
    """Return the names of the leads that count for some records.

    Parameters
    ----------
    given : sequence of str or None
        Names that a caller gives.
    labelled : sequence of str or None
        Names that the records have themselves.
    n_leads : int
        Number of leads.
    required : bool, default=False
        Whether leads without any name are an error.

    Returns
    -------
    tuple of str or None
        The records' own names, else those given, else those of
        :func:`standard_leads`, in their usual spelling; None where there are none.

    Raises
    ------
    ValueError
        If there are not as many names as leads, if a lead is named twice, if those
        given are others than the records' own (spelling and order may differ), or if
        `required` leads have no names.

    Examples
    --------
    >>> resolve_lead_names(["I", "V5"], None, 2)
    ('I', 'V5')
    >>> resolve_lead_names(["I", "V5"], ["V5", "i"], 2)
    ('V5', 'I')
    >>> resolve_lead_names(["I", "V6"], ["V5", "I"], 2)
    Traceback (most recent call last):
    ...
    ValueError: lead_names=['I', 'V6'] contradicts the labels of X, ['V5', 'I']; ...
    """
    names = None
    if given is not None:
        names = read_lead_names(given, n_leads)
    if labelled is not None:
        own = read_lead_names(labelled, n_leads, name="The coordinate 'lead' of X")
        if names is not None and {*map(lead_key, names)} != {*map(lead_key, own)}:
            raise ValueError(
                f"lead_names={list(given or ())} contradicts the labels of X, "
                f"{list(labelled)}; leave lead_names=None to use the labels."
            )
        names = own
    names = names or standard_leads(n_leads)
    if names is None and required:
        raise ValueError(
            f"X has {n_leads} unnamed leads; say which they are with lead_names, for "
            'example lead_names=["II"].'
        )
    return names


def lead_index(
    given: Sequence[str], wanted: Sequence[str], needed_by: str
) -> list[int]:
    """Return the position of each wanted lead among the given ones, however spelt.

    `needed_by` is the subject of the error where a wanted lead is missing.

    >>> lead_index(["V1", "I", "AVL"], ["aVL", "V1"], "the example")
    [2, 0]
    """
    position = {lead_key(name): i for i, name in enumerate(given)}
    if len(position) < len(given):
        raise ValueError(f"X names a lead twice: {list(given)}; rename one of them.")
    missing = [name for name in wanted if lead_key(name) not in position]
    if missing:
        raise ValueError(
            f"{needed_by} needs the leads {missing}, but X has only {list(given)}; "
            "give these leads too, or fit on those that every record has, chosen "
            "with LeadSelector."
        )
    return [position[lead_key(name)] for name in wanted]
