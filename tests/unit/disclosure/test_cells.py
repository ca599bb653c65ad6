"""Which cells are masked, and that what is masked can't be solved from what is shown."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from anonify.disclosure.cells import Cell, choose_masked, is_dominated, is_risky
from anonify.disclosure.people import count_fewest_people, count_people


def cells(*counts):
    """Cells of a count, each by how many have what is counted and how many have not."""
    return [Cell(np.repeat([1.0, 0.0], pair)) for pair in counts]


def magnitudes(*groups):
    return [Cell(np.array(values, dtype=float)) for values in groups]


NOTHING = [Cell(np.array([]))]


# One cell


@pytest.mark.parametrize(
    ("having", "lacking", "risky"),
    [(0, 0, False), (2, 1, True), (0, 2, True), (0, 3, False), (2, 9, True), (9, 2, True),
     (3, 3, False)],
)  # fmt: skip
def test_a_count_is_of_k_people_or_nobody_on_either_side(having, lacking, risky):
    assert is_risky(cells((having, lacking))[0], "count", 3) is risky


def test_a_mean_of_k_people_is_shown_unless_one_of_them_makes_most_of_it():
    # The others but the second add up to 8 and 80 of a largest value of 100: 8 is below 10 %.
    assert is_dominated(np.array([4.0, 100.0, 50.0, 4.0]))
    assert not is_dominated(np.array([40.0, 100.0, 50.0, 40.0]))
    assert is_risky(Cell(np.array([4.0, -100.0, 50.0, 4.0])), "mean", 3)


def test_records_without_a_value_are_no_part_of_a_mean():
    known, unknown = [80.0, 85.0, 90.0], [np.nan] * 3
    assert not is_risky(Cell(np.array(known + unknown)), "mean", 3)
    assert is_risky(Cell(np.array(known[:2] + unknown)), "mean", 3)
    assert is_risky(Cell(np.array(known + unknown[:2])), "mean", 3)


def test_people_are_counted_and_not_their_records():
    people = np.array([7, 7, 7, 2])
    assert count_people(4, people) == 2
    assert is_risky(Cell(np.full(4, 90.0), people), "mean", 3)
    assert not is_risky(Cell(np.full(4, 90.0), np.arange(4)), "mean", 3)


def test_records_of_unknown_people_are_those_of_whoever_has_most():
    # Three records may be all of the second person, four are of two people at least.
    of_each = np.array([1, 3, 1])
    assert [count_fewest_people(n, of_each) for n in range(6)] == [0, 1, 1, 1, 2, 3]
    assert count_fewest_people(3) == 3


def test_one_person_makes_most_of_a_mean_by_several_records():
    # 5 · 100 of one person, and 10, 11 and 12: the last less the second are below 10 % of 500.
    values, people = np.array([100.0] * 5 + [10, 11, 12]), np.array([0] * 5 + [1, 2, 3])
    assert is_risky(Cell(values, people), "mean", 3)
    assert not is_risky(Cell(values), "mean", 3)
    # Whose the records are is not known, but that somebody has five.
    assert is_risky(Cell(values, may_be_of=np.array([1, 5, 1, 1, 1])), "mean", 2)


def test_a_difference_may_be_of_those_who_have_most_records():
    # Three records less who are ill, and three less who are not: all six may be of two people.
    people = np.repeat(np.arange(10), 3)
    ill = np.repeat([1.0, 0.0], 15)
    whole, known = Cell(ill, people), Cell(np.repeat([1.0, 0.0], 12), people[3:27])
    masked = choose_masked([whole] * 3, [known, whole, whole], "count", 2)
    # Of each part it may be one person.
    assert masked[0]
    # What is known to be of five people each is not masked for a want of a release.
    assert not choose_masked([whole], NOTHING, "count", 5).any()


# A table


def test_a_small_group_is_masked_with_another_one():
    masked = choose_masked(cells((9, 9), (0, 2), (5, 5), (30, 30)), NOTHING * 4, "count", 3)
    assert masked.tolist() == [False, True, True, False]


def test_what_is_safe_is_shown():
    assert not choose_masked(cells((9, 9), (0, 0), (5, 5)), NOTHING * 3, "count", 3).any()


def test_a_group_is_masked_that_less_its_release_tells_of_few():
    # The release lacks two of the first group, three of the second and none of the third.
    original = cells((9, 9), (9, 9), (9, 9))
    released = cells((8, 8), (6, 9), (9, 9))
    masked = choose_masked(original, released, "count", 3)
    # The first two together lack four with and one without: the third has to go, and does not help.
    assert masked.all()
    released = cells((8, 8), (6, 6), (9, 9))
    assert choose_masked(original, released, "count", 3).tolist() == [True, True, False]


def test_none_of_29_beside_a_masked_18_is_not_shown():
    masked = choose_masked(cells((0, 29), (18, 0)), NOTHING * 2, "count", 20)
    assert masked.tolist() == [True, True]


def test_a_dominated_mean_is_masked():
    groups = magnitudes([30, 31, 32, 33], [1000, 20, 10, 10], [30, 31, 32, 33, 34])
    masked = choose_masked(groups, NOTHING * 3, "mean", 3)
    assert masked.tolist() == [True, True, False]


def test_one_person_does_not_make_most_of_what_follows_from_the_total():
    # Of the first two the largest is 1000, and the others but the second add up to 66: dominated.
    groups = magnitudes([10, 11, 12, 13], [1000, 20, 10, 10], [30, 31, 32, 33, 34])
    assert choose_masked(groups, NOTHING * 3, "mean", 3).all()


def test_a_secret_total_stays_one():
    groups = magnitudes([10] * 9, [11] * 8, [12] * 7)
    assert not choose_masked(groups, groups, "mean", 3).any()
    assert choose_masked(groups, groups, "mean", 3, has_secret_total=True).sum() == 2


# Attacks


def draw_table(generator, k):
    """Draw an original by (having, lacking) in groups and outside, and its release.

    The release has left out some records of each group: they lie outside.
    """
    groups = generator.integers(2, 6)
    original = generator.integers(0, 4 * k, (groups + 1, 2)) * generator.integers(
        0, 2, (groups + 1, 1)
    )
    original[-1] *= generator.integers(0, 2)
    left_out = generator.integers(0, 2 * k, (groups, 2)) * generator.integers(0, 2, (groups, 1))
    left_out = np.minimum(left_out, original[:-1])
    released = original.copy()
    released[:-1] -= left_out
    released[-1] += left_out.sum(axis=0)
    return original, released


def solve(original, released, masked, group, part):
    """Return the least and the greatest number of people that a masked cell may have.

    Who tries knows the release, the totals and all that is shown; records of the release are in
    the same group of the original, or come from any group if they lie outside.
    """
    count = original.shape[0]
    variables = 2 * count
    rows, values = [], []
    for side in (0, 1):
        total = np.zeros(variables)
        total[side::2] = 1
        rows.append(total)
        values.append(original[:, side].sum())
        for place in np.flatnonzero(~masked):
            cell = np.zeros(variables)
            cell[2 * place + side] = 1
            rows.append(cell)
            values.append(original[place, side])
    lowest = released.copy()
    lowest[-1] = 0
    aim = np.zeros(variables)
    aim[2 * group + part] = 1
    found = []
    for sign in (1, -1):
        solution = milp(
            sign * aim,
            constraints=LinearConstraint(np.array(rows), values, values),
            bounds=Bounds(lowest.ravel(), np.full(variables, original.sum())),
            integrality=np.ones(variables),
        )
        assert solution.success
        found.append(sign * solution.fun)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_a_linear_program_does_not_solve_what_is_masked(seed):
    generator = np.random.default_rng(seed)
    k = int(generator.integers(2, 8))
    original, released = draw_table(generator, k)
    masked = choose_masked(cells(*original), cells(*released), "count", k)
    if masked.all():
        # Nothing of the original is shown.
        return
    for group in np.flatnonzero(masked & (original.sum(axis=1) > 0)):
        for part in (0, 1):
            low, high = solve(original, released, masked, group, part)
            assert low <= original[group, part] <= high
            assert high - low >= k


@pytest.mark.parametrize("seed", range(60))
def test_no_difference_of_shown_groups_tells_of_few(seed):
    generator = np.random.default_rng(seed)
    k = int(generator.integers(2, 8))
    original, released = draw_table(generator, k)
    masked = choose_masked(cells(*original), cells(*released), "count", k)
    shown = np.abs(original - released)[~masked]
    for numbers in (original[~masked], shown, shown.sum(axis=1), original[~masked].sum(axis=1)):
        assert not ((numbers > 0) & (numbers < k)).any()


def test_most_tables_that_are_attacked_show_something_and_hide_something():
    kinds = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        k = int(generator.integers(2, 8))
        original, released = draw_table(generator, k)
        masked = choose_masked(cells(*original), cells(*released), "count", k)
        kinds.append(masked.any() and not masked.all())
    assert sum(kinds) >= 10, sum(kinds)


def test_the_attack_solves_a_table_that_is_masked_as_it_used_to_be():
    # Only the small group is masked: it follows from the total.
    original = np.array([[9, 20], [0, 2], [0, 0]])
    masked = np.array([False, True, False])
    assert solve(original, original * 0, masked, 1, 1) == [2, 2]
