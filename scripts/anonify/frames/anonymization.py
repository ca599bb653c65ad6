"""Anonymize a DataFrame, and sample what came of it."""

import secrets
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator, make_key
from anonify.frames.datasets import build_dataset, list_texts
from anonify.frames.generalization import LIMITS, Generalization
from anonify.frames.release import Made, Release, measure_release
from anonify.frames.requirements import check_requirements, list_requirements
from anonify.measures.information_loss import count_leaves
from anonify.measures.weights import examine_weights
from anonify.methods import METHODS
from anonify.recoding.tightening import LABEL_KINDS, LabelKind
from anonify.releases.anonymization import anonymize_table
from anonify.releases.dataset import Dataset
from anonify.releases.handout import SUPPRESSED_CHOICES, Suppressed
from anonify.releases.sampling import check_small_classes
from anonify.releases.sampling import sample as draw_sample
from anonify.tables.classes import count_classes
from anonify.tables.coding import code_given
from anonify.tables.columns import find_weight
from anonify.tables.order import sort_records
from anonify.tables.provenance import add_step, start_provenance


def anonymize(
    frame: pd.DataFrame | Dataset,
    k: int,
    *,
    quasi_identifiers: Iterable[str] | Mapping[str, Generalization] = (),
    sensitive: str | Iterable[str] = (),
    identifiers: str | Iterable[str] = (),
    target: str | None = None,
    method: str = "mondrian",
    method_options: Mapping[str, Any] | None = None,
    requirements: Iterable[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
    person: str | Iterable[str] = (),
    weight: str | None = None,
    rows_are_people: bool = False,
    suppressed: Suppressed = "drop",
    top: Mapping[str, float | str | date] = MappingProxyType({}),
    bottom: Mapping[str, float | str | date] = MappingProxyType({}),
    least_level: Mapping[str, int] = MappingProxyType({}),
    most_level: Mapping[str, int] = MappingProxyType({}),
    importance: Mapping[str, float] = MappingProxyType({}),
    seed: int | None = None,
) -> Release:
    """k-anonymize a DataFrame.

    Every column must be named by one parameter: nothing is released, and nothing left out, that
    nobody decided about. The result is verified by code that shares nothing with the methods.

    Parameters
    ----------
    frame : records in rows. Columns may be text, numbers, truth values, dates or categories, of
        NumPy, pandas or Arrow types, and may lack values: a missing one of a quasi-identifier is a
        value of its own, one of another column is none. The index is not used, and the frame
        stays as it is. A dataset of :func:`anonify.read_dataset` has its roles and hierarchies with
        it.
    k : smallest size of an equivalence class in people, 2 or more.
    quasi_identifiers : what outsiders may know of a person. Names, or names with what generalizes
        the values: ``None``: numbers to ranges (for the methods that take them), all else straight
        to ``*``; ``{"ranges": {"start": 0, "width": 10}}`` or ``{"ranges": {"edges": […]}}``: to
        ranges that end there instead of at values; a list of widths, each a multiple of the one
        before: numbers to intervals from 0 on; ``"prefix"``: codes such as ZIP codes lose one
        character after the other; ``"date"``: dates to month, quarter, year and decade; a rule such
        as ``{"tree": …}`` or ``{"code": {"system": "icd10"}}`` as in the description of a dataset,
        or the whole description of the column; a hierarchy of :func:`anonify.read_hierarchy`, or
        its file.
    sensitive : what nobody should learn of a person; released as it is.
    identifiers : what names a person; left out.
    target : what classifiers shall predict; released as it is.
    method : of :data:`anonify.METHODS`. ``arx``, ``greedy``, ``ola`` and ``optimal`` take no
        ranges.
    method_options : of the method, by name.
    requirements : what every class must keep beside its size, for the methods that can (``arx``,
        ``mondrian``, ``ncp_mondrian``, ``ola``): ``attribute``, a sensitive column, ``model``
        (``distinct_l_diversity``, ``entropy_l_diversity``, ``recursive_l_diversity``,
        ``t_closeness``) and its parameters ``l``, ``c`` or ``t``.
    labels : what every class shows: ``nodes`` of the hierarchies, or ranges, as the method gives
        them; ``sets``: the ranges and sets of the values that it has, such as ``[17, 25]`` and
        ``{Aln, Esk}``. Classes are the same, they lose less and tell more.
    person : the key of people who have several records, several columns together if need be; left
        out. Without it every record is a person of its own.
    weight : how many people of the population a record stands for; released as it is, used for the
        population risk, and no sensitive attribute. Weights that tell many people apart are warned
        of.
    rows_are_people : that this is so although a column looks otherwise: an identifier that has a
        value twice, or a column whose value fixes all quasi-identifiers where it repeats.
    suppressed : what becomes of suppressed records in the table: ``drop`` leaves them out,
        ``keep`` keeps them; where they are no class of k people that keeps the requirements, they
        lose all other values, too.
    top, bottom : by column, a number or date that takes the place of those above or below it,
        before anything else is done: ``{"age": 90}`` makes 90 stand for 90 or more. Loss and risk
        are those of the table that is coded so.
    least_level, most_level : by quasi-identifier, the levels of its hierarchy that a release shows
        at least and at most, 0 for the values themselves: ``{"age": 1}`` shows no age as it is.
        What would have to be generalized further than ``most_level`` is suppressed.
    importance : by quasi-identifier, how much its loss counts against that of others, each 1
        without it, where the method looks for the least loss. The release's own is told without it.
    seed : of what the method draws, from 0; the same seed gives the same release, that of a run
        with this seed. None draws one that is kept nowhere.

    Returns
    -------
    The released table with its loss, risk, classes and provenance.

    Raises
    ------
    ValueError : a parameter or a value in the frame is not as it should be; the sentence says
        which, and how to mend it.

    References
    ----------
    Sweeney, k-Anonymity, 2002. LeFevre et al., Mondrian Multidimensional k-Anonymity, ICDE 2006
    (``mondrian``); each method's module names its source.

    Examples
    --------
    >>> import anonify, pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "name": ["Ada", "Bea", "Cia", "Dan", "Eli", "Flo"],
    ...         "sex": ["f", "f", "f", "m", "m", "m"],
    ...         "age": [31, 34, 38, 52, 57, 58],
    ...         "diagnosis": ["flu", "cold", "flu", "flu", "cold", "cold"],
    ...     }
    ... )
    >>> release = anonify.anonymize(
    ...     frame,
    ...     k=3,
    ...     method="arx",
    ...     quasi_identifiers={"sex": None, "age": [5, 10, 20]},
    ...     sensitive=["diagnosis"],
    ...     identifiers=["name"],
    ... )
    >>> release.table
      sex    age diagnosis
    0   f  30-40      cold
    1   f  30-40       flu
    2   f  30-40       flu
    3   m  50-60      cold
    4   m  50-60      cold
    5   m  50-60       flu
    >>> round(release.risk["prosecutor_risk_highest"], 1), release.classes["size"].tolist()
    (33.3, [3, 3])
    """
    k = check_k(k)
    check_method(method, method_options)
    check_labels(labels)
    requirements = list_requirements(requirements)
    named = {
        "sensitive": list_texts(sensitive),
        "target": list_texts(target),
        "identifiers": list_texts(identifiers),
        "person": list_texts(person),
        "weight": list_texts(weight),
    }
    if suppressed not in SUPPRESSED_CHOICES:
        raise UserError(
            f"`suppressed` is {suppressed!r}; choose from {', '.join(SUPPRESSED_CHOICES)}"
        )
    limits = {
        "bottom": bottom,
        "top": top,
        "least_level": least_level,
        "most_level": most_level,
        "importance": importance,
    }
    if isinstance(frame, Dataset):
        _refuse_roles({"quasi_identifiers": quasi_identifiers, **named, **limits})
        dataset = frame
        shown = {}
    else:
        generalizations = _list_generalizations(quasi_identifiers)
        dataset = build_dataset(frame, generalizations, named, rows_are_people, limits)
        shown = {
            column.name: code_given(
                frame[column.name].reset_index(drop=True), dataset.frame[column.name], column
            )
            for column in dataset.columns
            if column.name not in dataset.domains
        }
    others = [each.name for each in dataset.columns if each.role in ("sensitive", "target")]
    check_requirements(requirements, others)
    _warn_of_weights(dataset)
    chosen = choose_seed(seed)
    made = anonymize_table(
        dataset.frame,
        dataset.domains,
        method,
        k,
        make_generator(chosen, "anonymize", method, k),
        options=method_options,
        requirements=requirements,
        labels=labels,
    )
    records = made.frame
    for name, values in shown.items():
        records[name] = values
    records = sort_records(records)
    details: dict[str, Any] = {
        "method": method,
        "k": k,
        "options": dict(method_options or {}),
        "requirements": [dict(rule) for rule in requirements],
        "labels": labels,
        "roles": {column.name: column.role for column in dataset.columns},
    }
    for key in LIMITS:
        found = {column.name: getattr(column, key) for column in dataset.columns}
        if any(limit is not None for limit in found.values()):
            details[key] = {name: limit for name, limit in found.items() if limit is not None}
    provenance = add_step(
        start_provenance({"name": dataset.name, "records": len(dataset.frame)}),
        "anonymize",
        **details,
        **_keep_seed(seed),
        **made.facts,
    )
    counts = count_leaves(dataset.frame, dataset.domains)
    made_of = Made(dataset.columns, dataset.domains, counts, suppressed, records, records)
    return measure_release(made_of, k, provenance)


def sample(
    release: Release,
    deletion: float | Fraction,
    *,
    least_after_deletion: int = 1,
    seed: int | None = None,
) -> Release:
    """Delete the same share of every equivalence class, chosen by chance.

    Whoever knows that a person was in the anonymized table does not know whether the person is in
    the sample. Classes may have fewer than k records then; ``risk["classes_below_k"]`` counts them.

    Parameters
    ----------
    release : of :func:`anonify.anonymize`; of a sample, a further one is drawn.
    deletion : per cent of each class that is deleted, from 0 to below 100, rounded up to whole
        records; the suppressed records are a class like any other.
    least_after_deletion : people that every class needs that is left.
    seed : of the draw, from 0. None draws one that is kept nowhere.

    Returns
    -------
    The sample, whose journalist risk is that of the classes before sampling.

    Raises
    ------
    ValueError : the release is none, the deletion, the least or the seed is no such number, no
        record is left, or a class is left with fewer people than the least.

    References
    ----------
    Anonify: Decentralized Dual-level Anonymity for Medical Data Donation, PoPETs 2024, Section 5.

    Examples
    --------
    >>> import anonify, pandas as pd
    >>> frame = pd.DataFrame({"sex": ["f", "m"] * 10, "ill": [True, False, False, True] * 5})
    >>> release = anonify.anonymize(frame, k=5, quasi_identifiers=["sex"], sensitive="ill")
    >>> anonify.sample(release, deletion=30).classes[["sex", "size", "released_size"]]
      sex  size  released_size
    0   f    10              7
    1   m    10              7
    """
    if not isinstance(release, Release):
        raise UserError(
            f"`release` is of the type {type(release).__name__}; give what `anonify.anonymize` "
            "returned, not its table"
        )
    is_number = isinstance(deletion, Real) and not isinstance(deletion, bool)
    if not is_number or not 0 <= deletion < 100:
        raise UserError(
            f"`deletion` is {deletion!r}; it should be a number of per cent from 0 to below 100"
        )
    least = least_after_deletion
    if not isinstance(least, Integral) or isinstance(least, bool) or least < 1:
        raise UserError(f"`least_after_deletion` is {least!r}; it should be a whole number from 1")
    share = deletion if isinstance(deletion, Fraction) else Fraction(str(deletion))
    key = make_key(choose_seed(seed), "sample", str(share))
    made = release._made
    kept = draw_sample(count_classes(made.records, list(made.domains)).members, share, key)
    if not len(kept):
        raise UserError(f"`deletion` is {deletion!r}, which leaves no record; delete less")
    step = add_step(release.provenance, "sample", deletion=float(share), **_keep_seed(seed))
    sampled = replace(made, records=sort_records(made.records.iloc[kept]))
    left = count_classes(sampled.records, list(made.domains))
    check_small_classes(left.sizes[~left.is_suppressed], int(least), "`deletion`")
    return measure_release(sampled, release.k, step)


def _warn_of_weights(dataset: Dataset) -> None:
    weight = find_weight(dataset.columns)
    if weight:
        found = examine_weights(dataset.frame, weight, list(dataset.domains))
        if found.may_identify:
            warnings.warn(str(found), stacklevel=3)


def check_k(k: Any) -> int:
    """Return k, or say that it is none."""
    if not isinstance(k, Integral) or isinstance(k, bool) or k < 2:
        raise UserError(f"`k` is {k!r}; it should be a whole number from 2")
    return int(k)


def check_method(method: Any, options: Any) -> None:
    """Make sure that there is such a method, and that its options may be some."""
    if method not in METHODS:
        raise UserError(f"`method` is {method!r}; choose from {', '.join(METHODS)}")
    if options is not None and not isinstance(options, Mapping):
        raise UserError(f"`method_options` is {options!r}; it should be a mapping, or None")


def check_labels(labels: Any) -> None:
    """Make sure that classes can show such labels."""
    if labels not in LABEL_KINDS:
        raise UserError(f"`labels` is {labels!r}; choose from {', '.join(LABEL_KINDS)}")


def choose_seed(seed: Any) -> int:
    """Return a seed, drawn where none is given, or say that it is none."""
    if seed is None:
        return secrets.randbits(128)
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise UserError(f"`seed` is {seed!r}; it should be a whole number from 0, or None")
    return int(seed)


def _keep_seed(seed: int | None) -> dict[str, int]:
    return {} if seed is None else {"seed": int(seed)}


def _list_generalizations(
    quasi_identifiers: Iterable[str] | Mapping[str, Generalization],
) -> dict[str, Generalization]:
    if isinstance(quasi_identifiers, Mapping):
        return dict(quasi_identifiers)
    return dict.fromkeys(list_texts(quasi_identifiers))


def _refuse_roles(named: Mapping[str, Any]) -> None:
    given = [name for name, names in named.items() if names]
    if given:
        raise UserError(
            f"`{given[0]}` is given, but the dataset has its roles with it; leave it out, or give "
            "a DataFrame"
        )
