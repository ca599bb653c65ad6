"""The k-anonymization methods: one module each, one registry.

A method is a module of this package with a function ``anonymize``. Its name in the configuration
is the module's name; nothing else has to be registered. The name of the first parameter tells
what the method works on:

    anonymize(tuples, counts, domains, k, generator) -> TupleRecoding

works on the distinct tuples, an array (m, d) of leaves, one column for each domain, sorted as
:func:`anonify.tables.classes.group` gives them, and how many records have each, an array (m,). So
the order of the records cannot matter, nor need they fit in memory.

    anonymize(records, domains, k, generator) -> Recoding

follows the records, an array (n, d) of leaves, in their order.

The nodes that it returns are of the domains that it got, or of those that the recoding names in
their place, where the method shows sets (:mod:`anonify.domains.sets`).

Keyword-only parameters are the method's options; one named ``requirements`` says that it can keep
more than k. It gets them with a row for each tuple, or each record. One named ``people`` says that
it counts people itself where some have several records; for the others
:func:`anonify.recoding.people.anonymize_people` sees to it.

A module may state the work that it is meant for, ``EFFORT``
(:class:`anonify.recoding.effort.Effort`); a table that takes more is told before it begins.

A module with ``KEEPS_LEVELS = True`` looks at no level that a release may not show
(:attr:`anonify.domains.hierarchy.Hierarchy.shown`); for the others
:func:`anonify.recoding.levels.anonymize_levels` sees to it.

A module with functions ``cut_part`` and ``anonymize_parts``, as
:class:`anonify.recoding.parts.Cutter` has them, can anonymize a table region by region whose
tuples do not fit in memory.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import numpy as np
import scipy

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.effort import Task
from anonify.recoding.levels import anonymize_levels, anonymize_tuple_levels, are_limited
from anonify.recoding.parts import Cutter
from anonify.recoding.people import anonymize_people, list_people
from anonify.recoding.recoding import (
    Anonymizer,
    Counts,
    Recoding,
    TupleAnonymizer,
    TupleRecoding,
    recode_records,
)
from anonify.recoding.requirements import Requirement
from anonify.tables.classes import group

METHODS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def get_anonymizer(
    method: str,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Requirement] = (),
    people: Codes | None = None,
) -> Anonymizer:
    """Return the function of a method, with its options, that anonymizes records.

    Parameters
    ----------
    options : of the method, by name.
    requirements : what every class must keep beside its size, with a row for each record.
    people : array (n,), the person of each record, numbered from 0 without a gap; every class has
        k of them then. Without it, each record is of another person.

    Raises
    ------
    UserError : there is no such method or option, an option has an unfit value, or the method
        can keep no requirements.
    """
    if takes_tuples(method) and (people is None or counts_people(method)):
        return _group_records(method, options, requirements, people)
    choose = partial(_get_unlimited, method, options)
    unlimited = choose(requirements, people)
    if _keeps_levels(method):
        return unlimited

    def anonymize(
        records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
    ) -> Recoding:
        if not are_limited(domains):
            return unlimited(records, domains, k, generator)
        return anonymize_levels(choose, requirements, people, records, domains, k, generator)

    return anonymize


def _get_unlimited(
    method: str,
    options: Mapping[str, Any] | None,
    requirements: Sequence[Requirement],
    people: Codes | None,
) -> Anonymizer:
    if people is not None and not counts_people(method):
        of_homes = _get_unlimited(method, options, requirements, None)
        return lambda records, *others: anonymize_people(of_homes, records, people, *others)
    if takes_tuples(method):
        return _group_records(method, options, requirements, people)
    return _choose(method, options, requirements)


def _group_records(
    method: str,
    options: Mapping[str, Any] | None,
    requirements: Sequence[Requirement],
    people: Codes | None,
) -> Anonymizer:
    """Return the function of a method that works on tuples, for records."""
    check_options(method, options or {}, bool(requirements))

    def anonymize(
        records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
    ) -> Recoding:
        groups = group(records)
        of_tuples = [requirement.sum_up(groups) for requirement in requirements]
        incidence = None if people is None else list_people(groups, people)
        of_method = get_tuple_anonymizer(method, options, of_tuples, incidence)
        recoding = of_method(groups.tuples, groups.sizes, domains, k, generator)
        return recode_records(recoding, groups.members)

    return anonymize


def get_tuple_anonymizer(
    method: str,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Requirement] = (),
    people: "scipy.sparse.csr_array | None" = None,
) -> TupleAnonymizer:
    """Return the function of a method, with its options, that anonymizes distinct tuples.

    Parameters
    ----------
    options : of the method, by name.
    requirements : what every class must keep beside its size, with a row for each tuple.
    people : sparse array (m, people), who has records of each tuple; for the methods that take it.

    Raises
    ------
    UserError : as :func:`get_anonymizer`; the method follows the records, or counts no people.
    """
    if not takes_tuples(method):
        able = [name for name in METHODS if takes_tuples(name)]
        raise UserError(
            f"methods: {method} follows the records one by one, and there are but counts of them; "
            f"choose from {', '.join(able)}"
        )
    if people is not None and not counts_people(method):
        able = [name for name in METHODS if counts_people(name)]
        raise UserError(
            f"methods: {method} counts records, and people have several; choose from "
            f"{', '.join(able)}"
        )

    def choose(
        requirements: Sequence[Requirement], people: "scipy.sparse.csr_array | None"
    ) -> TupleAnonymizer:
        chosen = _choose(method, options, requirements)
        return chosen if people is None else partial(chosen, people=people)

    unlimited = choose(requirements, people)
    if _keeps_levels(method):
        return unlimited

    def anonymize(
        tuples: Codes,
        counts: Counts,
        domains: Sequence[Domain],
        k: int,
        generator: np.random.Generator,
    ) -> TupleRecoding:
        if not are_limited(domains):
            return unlimited(tuples, counts, domains, k, generator)
        return anonymize_tuple_levels(
            choose, requirements, people, tuples, counts, domains, k, generator
        )

    return anonymize


def takes_tuples(method: str) -> bool:
    """Tell whether a method works on distinct tuples, and not on the records in their order.

    Raises
    ------
    UserError : there is no such method.
    """
    return next(iter(inspect.signature(_find_function(method)).parameters)) == "tuples"


def check_options(method: str, options: Mapping[str, Any], has_requirements: bool) -> None:
    """Make sure that a method has these options, and can keep more than k if it has to.

    Raises
    ------
    UserError : as :func:`get_anonymizer`.
    """
    known = _list_options(method)
    takes_requirements = known.pop("requirements", None) is not None
    if has_requirements and not takes_requirements:
        able = [name for name in METHODS if "requirements" in _list_options(name)]
        raise UserError(f"`requirements`: {method} keeps none but k; choose from {', '.join(able)}")
    for name, value in options.items():
        if name not in known:
            there_are = f"choose from {', '.join(known)}" if known else "it has none"
            raise UserError(f"`method_options.{method}` has no option {name!r}; {there_are}")
        _check_option(method, name, value, known[name].annotation)


def _choose(
    method: str, options: Mapping[str, Any] | None, requirements: Sequence[Requirement]
) -> Callable[..., Any]:
    check_options(method, options or {}, bool(requirements))
    chosen = dict(options or {}) | ({"requirements": requirements} if requirements else {})
    anonymize = partial(_find_function(method), **chosen)
    effort = getattr(_find_module(method), "EFFORT", None)
    if effort is None:
        return anonymize

    def announce(rows: Codes, *others: Any, **further: Any) -> Any:
        *counts, domains, k, _ = others
        records = int(counts[0].sum()) if counts else len(rows)
        effort.announce(method, Task(len(rows), records, domains, k, options or {}))
        return anonymize(rows, *others, **further)

    return announce


def _find_function(method: str) -> Any:
    return _find_module(method).anonymize


def _find_module(method: str) -> Any:
    if method not in METHODS:
        raise UserError(f"methods: there is no method {method!r}; choose from {', '.join(METHODS)}")
    return importlib.import_module(f"anonify.methods.{method}")


def _list_options(method: str) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(_find_function(method)).parameters.values()
    options = {each.name: each for each in parameters if each.kind is each.KEYWORD_ONLY}
    options.pop("people", None)
    return options


def _keeps_levels(method: str) -> bool:
    return getattr(_find_module(method), "KEEPS_LEVELS", False)


def counts_people(method: str) -> bool:
    """Tell whether a method counts people itself where some have several records.

    Raises
    ------
    UserError : there is no such method.
    """
    return "people" in inspect.signature(_find_function(method)).parameters


def cuts_parts(method: str) -> bool:
    """Tell whether a method can anonymize a table part by part.

    Raises
    ------
    UserError : there is no such method.
    """
    return hasattr(_find_module(method), "cut_part")


def get_cutter(method: str, options: Mapping[str, Any] | None = None) -> Cutter:
    """Return a method for which :func:`cuts_parts` holds, to anonymize a table part by part.

    Parameters
    ----------
    options : of the method, by name, which can have none here.

    Raises
    ------
    UserError : there are options.
    """
    check_options(method, options or {}, has_requirements=False)
    return cast(Cutter, _find_module(method))


def _check_option(method: str, name: str, value: Any, expected: Any) -> None:
    if get_origin(expected) is Literal:
        is_fit = value in get_args(expected)
        should = f"one of {', '.join(get_args(expected))}"
    elif expected is bool:
        is_fit = isinstance(value, bool)
        should = "true or false"
    elif get_origin(expected) is Annotated:
        _, allowed = get_args(expected)
        is_fit = isinstance(value, int) and not isinstance(value, bool) and value in allowed
        should = f"a whole number from {allowed[0]} to {allowed[-1]}"
    elif expected is int:
        is_fit = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        should = "a whole number from 0"
    else:
        is_fit = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        should = "a number from 0"
    if not is_fit:
        raise UserError(f"`method_options.{method}.{name}` is {value!r}; it should be {should}")
