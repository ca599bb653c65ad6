"""Synthetic tables, drawn column by column from conditional tables (a Bayesian network).

The parameters hold nothing but weights: no record of any real table is needed or given away.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import parse_interval

Column = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

_KEYS = ("given", "step", "values", "weights")
_STEP = re.compile(r"(\S+) by (\d+(?:\.\d+)?)")


def synthesize(parameters: Mapping[str, Any], generator: np.random.Generator) -> pd.DataFrame:
    """Draw a table.

    Parameters
    ----------
    parameters : ``records``, the number of records, and ``columns``, by name and in the order
        in which they are drawn. A column has
        ``values``: a list of what may be drawn, or a mapping from that to weights. A value is
        text, a number, or an interval ``low-high by step`` that stands for low, low + step, …
        below high, all equally likely;
        ``step``: the step of the intervals that name none;
        ``weights``: a list with one weight for each value; none makes them equally likely;
        ``given``: a list of columns drawn before. The weights are then a mapping from the
        values or intervals ``low-high`` of the first one to those of the next and, for the
        last one, to a list of weights.
    generator : every draw is made from it; its state decides the whole table.

    Returns
    -------
    Frame (records, columns) in the order of drawing. A column is text, or whole numbers, or,
    where any of its values or steps is written as a decimal, decimals.

    Raises
    ------
    UserError : the parameters make no sense.

    Examples
    --------
    >>> columns = {
    ...     "sex": {"values": ["f", "m"]},
    ...     "age": {
    ...         "given": ["sex"],
    ...         "values": ["0-50", "50-100"],
    ...         "step": 1,
    ...         "weights": {"f": [0.4, 0.6], "m": [0.5, 0.5]},
    ...     },
    ... }
    >>> synthesize({"records": 3, "columns": columns}, np.random.default_rng(0)).shape
    (3, 2)
    """
    records, columns = parameters.get("records"), parameters.get("columns")
    if not isinstance(records, int) or records < 1:
        raise UserError(f"synthetic: `records` is {records!r}; it should be a number from 1")
    if not isinstance(columns, Mapping) or not columns:
        raise UserError("synthetic: there are no `columns`; describe at least one")
    drawn: dict[str, Column] = {}
    for name, column in columns.items():
        try:
            drawn[name] = _draw_column(column, drawn, records, generator)
        except UserError as error:
            raise UserError(f"synthetic, column {name!r}: {error}") from None
    return pd.DataFrame(drawn)


def _draw_column(
    column: Any, drawn: Mapping[str, Column], records: int, generator: np.random.Generator
) -> Column:
    values, weights, given = _read_column(column, drawn)
    blocks = [_list_values(value, column.get("step")) for value in values]
    sizes = np.array([len(block) for block in blocks])
    starts = np.cumsum(sizes) - sizes
    choices = np.zeros(records, dtype=np.intp)
    times = np.zeros(records, dtype=np.intp)
    for row, is_meant in _walk(weights, given, drawn, np.ones(records, dtype=bool)):
        shares = _read_weights(row, len(values))
        choices[is_meant] = _choose(shares, int(is_meant.sum()), generator)
        times += is_meant
    if (times != 1).any():
        record = int((times != 1).argmax())
        case = ", ".join(f"{name} {drawn[name][record]}" for name in given)
        count = "no row" if times[record] == 0 else "more than one row"
        raise UserError(f"there is {count} of `weights` for {case}; give each case one row")
    within = generator.integers(sizes[choices])
    return np.asarray(_join(blocks)[starts[choices] + within])


def _choose(
    shares: npt.NDArray[np.float64], count: int, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Draw places by systematic sampling: each as often as its share says, to within a record.

    Independent draws would leave it to luck whether a value that a handful of records have
    comes up twice as often, and Mondrian's result hangs on such values.
    """
    bounds = np.cumsum(shares) / shares.sum() * count + generator.random()
    ends = np.minimum(bounds.astype(np.intp), count)
    return generator.permutation(np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0)))


def _read_column(
    column: Any, drawn: Mapping[str, Column]
) -> tuple[Sequence[Any], Any, Sequence[str]]:
    """Return the values, their weights or rows of weights, and what these depend on."""
    if not isinstance(column, Mapping) or not column.get("values"):
        raise UserError("there are no `values`; name at least one")
    for key in column:
        if key not in _KEYS:
            raise UserError(f"there is no key {key!r}; known are {', '.join(_KEYS)}")
    values, weights, given = column["values"], column.get("weights"), column.get("given", [])
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise UserError(f"`given` is {given!r}; it should be a list of columns")
    for name in given:
        if name not in drawn:
            raise UserError(f"{name!r} of `given` is not drawn before; move it up")
    if isinstance(values, Mapping):
        if weights is not None or given:
            raise UserError("`values` have weights already; make them a list, or drop the others")
        return list(values), list(values.values()), given
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise UserError(f"`values` is {values!r}; it should be a list or a mapping to weights")
    return values, [1] * len(values) if weights is None else weights, given


def _walk(
    weights: Any, given: Sequence[str], drawn: Mapping[str, Column], is_meant: Mask
) -> Iterator[tuple[Any, Mask]]:
    """Yield each row of weights with the records that it is meant for."""
    if not given:
        yield weights, is_meant
        return
    name, *others = given
    if not isinstance(weights, Mapping):
        raise UserError(f"{weights!r} in `weights` has no rows for {name!r}; make it a mapping")
    for label, below in weights.items():
        yield from _walk(below, others, drawn, is_meant & _compare(drawn[name], label))


def _compare(values: Column, label: Any) -> Mask:
    if values.dtype == object:
        return np.asarray(values == str(label))
    interval = parse_interval(str(label))
    if interval:
        return np.asarray((values >= interval[0]) & (values < interval[1]))
    try:
        return np.asarray(values == float(str(label)))
    except ValueError:
        raise UserError(
            f"{label!r} of `weights` is neither a number nor an interval; correct it"
        ) from None


def _read_weights(weights: Any, count: int) -> npt.NDArray[np.float64]:
    """Return the weights, scaled to a sum of 1."""
    try:
        numbers = np.array(weights, dtype=float)
    except (TypeError, ValueError):
        raise UserError(f"the weights {weights!r} are no list of numbers; correct them") from None
    if numbers.shape != (count,):
        raise UserError(
            f"the weights {weights!r} do not fit the values; give one for each of the {count}"
        )
    total = numbers.sum()
    if not (numbers >= 0).all() or not 0 < total < np.inf:
        raise UserError(
            f"the weights {weights!r} can't be scaled to a sum of 1; give numbers from 0, one of "
            "them above"
        )
    return np.asarray(numbers / total)


def _list_values(value: Any, step: Any) -> Column:
    """Array of what a value of the configuration stands for: itself, or all of an interval."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UserError(f"the value {value!r} is neither text nor a number; put it in quotes")
    own_step = _STEP.fullmatch(str(value))
    interval = parse_interval(own_step[1] if own_step else str(value))
    if own_step:
        is_whole = own_step[2].isdecimal() and len(own_step[2]) < 19
        step = int(own_step[2]) if is_whole else float(own_step[2])
    if not interval or step is None:
        return np.array([value], dtype=object if isinstance(value, str) else None)
    low, high = interval
    if isinstance(step, bool) or not isinstance(step, int | float) or not 0 < step <= high - low:
        raise UserError(
            f"the interval {value!r} does not fit its step {step!r}; write low-high, and a step "
            "between 0 and its width"
        )
    # Floats would show that 0.01 has no exact representation: 10.15 as 10.150000000000001.
    grid = np.round(low + step * np.arange(np.ceil((high - low) / step - 1e-9)), 10)
    return grid.astype(np.int64) if isinstance(step, int) and low.is_integer() else grid


def _join(blocks: Sequence[Column]) -> Column:
    if len({block.dtype == object for block in blocks}) > 1:
        raise UserError("`values` holds both text and numbers; put the numbers in quotes")
    return np.concatenate(blocks)
