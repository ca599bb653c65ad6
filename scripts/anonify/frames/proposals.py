"""What there is to decide about a DataFrame before it is anonymized."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.words import count
from anonify.drafting.decisions import NO_BREAK, list_decisions
from anonify.drafting.examination import mark_people, propose_columns
from anonify.drafting.profile import count_values, profile_columns
from anonify.drafting.proposals import Proposal
from anonify.frames.texts import FRAME, check_frame, write_texts
from anonify.tables.columns import Role


@dataclass(frozen=True, eq=False)
class Proposals:
    """What is proposed for the columns of a DataFrame: guesses, for a person to correct.

    Attributes
    ----------
    columns : frame (columns, ``type``, ``distinct``, ``missing``, ``role``, ``hierarchy`` and
        ``reason``).
    decisions : what there is to decide, one text each, the most urgent ones first.
    quasi_identifiers : each with its description, as :func:`anonify.anonymize` takes it.
    sensitive, identifiers : names of columns.
    target : name of the column that classifiers may predict; None without one.
    weight : name of the column of survey weights; None without one.
    """

    columns: pd.DataFrame
    decisions: tuple[str, ...]
    quasi_identifiers: dict[str, dict[str, Any]]
    sensitive: list[str]
    identifiers: list[str]
    target: str | None
    weight: str | None = None

    def __repr__(self) -> str:
        """Show the columns, and how much there is to decide."""
        shown = self.columns[["type", "distinct", "missing", "role"]].to_string()
        return f"{shown}\n{count(len(self.decisions), 'thing')} to decide: see .decisions"


def propose(frame: pd.DataFrame) -> Proposals:
    """Propose a role for each column of a DataFrame, and what generalizes the quasi-identifiers.

    The proposals are guessed from names and values, as ``anonify init`` does for a file: whatever
    may single somebody out is left out, and what outsiders may know is generalized. Nothing is
    anonymized before a person has read them.

    Parameters
    ----------
    frame : records in rows, two or more, of the values that :func:`anonify.anonymize` takes; it
        stays as it is.

    Returns
    -------
    The proposals and what there is to decide.

    Raises
    ------
    ValueError : a column has a name or values that our tables can't have, or there is one record.

    Examples
    --------
    >>> import anonify, pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"name": ["Ada", "Bea", "Cia"], "age": [31, 34, 52], "illness": ["flu", "flu", "cold"]}
    ... )
    >>> proposed = anonify.propose(frame)
    >>> proposed.identifiers, list(proposed.quasi_identifiers), proposed.target
    (['name'], ['age'], 'illness')
    >>> proposed.decisions[0].startswith("RELEASED AS THEY ARE: 'illness'.")
    True
    """
    check_frame(frame)
    if len(frame) < 2:
        raise UserError(f"{FRAME} has one record, which nothing can hide; add records")
    texts = write_texts(frame).frame
    proposals = propose_columns(profile_columns(count_values(texts), len(texts), "."), ".", FRAME)
    proposals = mark_people(proposals, texts)
    target = _list_names(proposals, "target")
    decisions = list_decisions(proposals, len(frame), ".")
    return Proposals(
        pd.DataFrame.from_dict(
            {proposal.name: _summarize(proposal) for proposal in proposals}, orient="index"
        ),
        tuple(decision.text.replace(NO_BREAK, " ") for decision in decisions),
        {
            proposal.name: proposal.describe()
            for proposal in proposals
            if proposal.role == "quasi-identifier"
        },
        _list_names(proposals, "sensitive"),
        _list_names(proposals, "identifier"),
        target[0] if target else None,
        next(iter(_list_names(proposals, "weight")), None),
    )


def _list_names(proposals: Sequence[Proposal], role: Role) -> list[str]:
    return [proposal.name for proposal in proposals if proposal.role == role]


def _summarize(proposal: Proposal) -> dict[str, Any]:
    return {
        "type": proposal.profile.type,
        "distinct": proposal.profile.distinct,
        "missing": proposal.profile.missing,
        "role": proposal.role,
        "hierarchy": proposal.hierarchy,
        "reason": proposal.reason,
    }
