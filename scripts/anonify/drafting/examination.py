"""Find out what a table holds that nobody has described yet, and make proposals for it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import is_csv, name_file
from anonify.base.words import quote
from anonify.datasets.people import find_people
from anonify.drafting.decisions import show_text
from anonify.drafting.drafts import USUAL_LIMIT, Draft
from anonify.drafting.profile import (
    Profile,
    count_values,
    guess_decimal,
    profile_columns,
)
from anonify.drafting.proposals import Proposal, find_hierarchy_file, propose_hierarchy
from anonify.drafting.reading import read_undescribed
from anonify.drafting.relations import find_derived, find_person, number_columns, take_people
from anonify.drafting.roles import Guess, add_derived, explain_person, guess_roles
from anonify.tables.columns import is_reserved
from anonify.tables.distinct import KnownColumn


def examine_table(
    path: Path,
    name: str,
    header: bool | None = None,
    sheet: str | None = None,
    risk_limit: float = USUAL_LIMIT,
) -> Draft:
    """Find out what a table holds, and make proposals for it.

    Parameters
    ----------
    header, sheet : as :func:`anonify.drafting.reading.read_undescribed`.
    risk_limit : highest risk that the steward accepts, in per cent.

    Raises
    ------
    UserError : it can't be read or has a single record, or a column has a name or a value that our
        tables can't have.
    """
    found = read_undescribed(path, header, sheet)
    frame, dialect = found.frame, found.dialect
    if len(frame) < 2:
        raise UserError(f"{path}: the file has one record, which nothing can hide; add records")
    counts = count_values(frame)
    if dialect and is_csv(path):
        dialect = replace(dialect, decimal=guess_decimal(counts))
    decimal = dialect.decimal if dialect else "."
    profiles = profile_columns(counts, len(frame), decimal)
    proposals = [
        replace(each, reason=f"{quote(said)}: {each.reason}")
        if (said := found.variable_labels.get(each.name))
        else each
        for each in propose_columns(profiles, frame, decimal, path, path.parent / "hierarchies")
    ]
    _check_names(path, proposals, name)
    return Draft(path, name, len(frame), dialect, proposals, found.notes, risk_limit)


def propose_columns(
    profiles: Sequence[Profile],
    frame: pd.DataFrame,
    decimal: str,
    where: str | Path,
    folder: Path | None = None,
) -> list[Proposal]:
    """Propose a role for each column, and a hierarchy for each quasi-identifier.

    Parameters
    ----------
    frame : the table, values as text.
    where : the table, as the message should name it.
    folder : of hierarchies as ARX writes them, where there is one.

    Raises
    ------
    UserError : a quasi-identifier has a value that is the root of every hierarchy.
    """
    guesses, sources = relate_roles(profiles, frame, decimal)
    proposals = []
    for profile, guess in zip(profiles, guesses, strict=True):
        proposal = Proposal(profile, guess.role, guess.reason)
        if guess.role == "quasi-identifier":
            file = find_hierarchy_file(folder, profile.name) if folder else None
            try:
                proposal = propose_hierarchy(profile, guess.reason, decimal, file)
            except UserError as error:
                raise UserError(f"{where}: {error}") from None
        proposals.append(replace(proposal, sources=sources.get(profile.name, ())))
    return _mark_people(proposals, frame)


def relate_roles(
    profiles: Sequence[Profile], frame: pd.DataFrame, decimal: str
) -> tuple[list[Guess], dict[str, tuple[str, ...]]]:
    """Guess the roles of columns by themselves and by what they tell of each other.

    Returns
    -------
    The guesses, and of each column that follows from others the names of these.
    """
    guessed = zip(profiles, guess_roles(profiles), strict=True)
    guesses = {profile.name: guess for profile, guess in guessed}
    columns = number_columns(profiles, frame, decimal)
    person = find_person(columns)
    if person is not None:
        profile = next(profile for profile in profiles if profile.name == person)
        guesses[person] = Guess("person", explain_person(profile))
    roles = {name: guess.role for name, guess in guesses.items()}
    derived = find_derived(take_people(columns, person), roles)
    for each in derived:
        for name in (each.name, *each.sources):
            guesses[name] = add_derived(guesses[name], name, each)
    return list(guesses.values()), {each.name: each.sources for each in derived}


def _mark_people(proposals: Sequence[Proposal], frame: pd.DataFrame) -> list[Proposal]:
    """Return the proposals, marked where a column may tell people who have several records.

    Parameters
    ----------
    frame : the table, values as text.
    """
    if any(proposal.role == "person" for proposal in proposals):
        return list(proposals)
    roles = {proposal.name: proposal.role for proposal in proposals}
    found = find_people({name: KnownColumn.of(frame[name]) for name in roles}, roles)
    return [replace(each, may_tell_people=each.name in found) for each in proposals]


def _check_names(path: Path, proposals: Sequence[Proposal], name: str) -> None:
    for place, proposal in enumerate(proposals, start=1):
        column, is_used = proposal.name, proposal.is_used
        if is_reserved(column):
            raise UserError(
                f"{path}: {column!r} is a name that our tables use themselves; rename the column "
                "in the header"
            )
        if not column.strip() and is_used:
            raise UserError(f"{path}: column {place} has no name; write one into the header")
        if _is_too_long(proposal, name):
            raise UserError(
                f"{path}: the name of column {place}, {show_text(column)!r}, is too long, also for "
                "a file that is named by it; shorten it in the header"
            )


def _is_too_long(proposal: Proposal, dataset: str) -> bool:
    """Tell whether a name is too long for YAML, or for the file of the column's hierarchy."""
    has_file = proposal.role == "quasi-identifier"
    file = f"{dataset}_{name_file(proposal.name)}".encode()
    return len(proposal.name) > 1000 or (has_file and len(file) > 200)
