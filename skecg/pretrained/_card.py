"""The cards of the trained pipelines."""

import importlib.resources
import json

FOLDER = importlib.resources.files("skecg.pretrained")


def pretrained_card(name="ptbxl"):
    """Return the model card of a trained pipeline.

    Parameters
    ----------
    name : str, default="ptbxl"
        Name of the pipeline, as in :func:`load_pretrained`.

    Returns
    -------
    dict
        The card, among others with

        - ``expects``: sampling rate (``fs``, Hz), ``unit``, ``leads`` in order, and
          ``duration`` (s) of the records;
        - ``operating_points``: thresholds of the probability, by name;
        - ``prevalence``: the share with LVH that probabilities are for, and how to
          adapt them to another;
        - ``evaluation``: figures with intervals, subgroups;
        - ``training``: data, label, recipe, command;
        - ``caveats``, ``not_for`` and ``licence``.

    Raises
    ------
    ValueError
        If there is no such pipeline.

    See Also
    --------
    load_pretrained : The pipeline itself.

    Examples
    --------
    >>> from skecg import pretrained_card
    >>> expects = pretrained_card("ptbxl")["expects"]
    >>> expects["fs"], expects["unit"], expects["duration"], len(expects["leads"])
    (100.0, 'mV', 10.0, 12)
    """
    known = pretrained_names()
    if name not in known:
        raise ValueError(
            f"name={name!r} is no trained pipeline of the package, which has {known}."
        )
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def pretrained_names():
    """Return the names of the trained pipelines.

    Returns
    -------
    list of str
        Names that :func:`load_pretrained` takes.

    Examples
    --------
    >>> from skecg import pretrained_names
    >>> pretrained_names()
    ['ptbxl', 'ptbxl_cnn', ...]
    """
    names = (file.name for file in FOLDER.iterdir())
    return sorted(n.removesuffix(".json") for n in names if n.endswith(".json"))
