"""Draw the tables of ``described_tables.yaml``, and count how well their roles are guessed."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.seeding import make_generator
from anonify.drafting.examination import relate_roles
from anonify.drafting.profile import count_values, profile_columns
from anonify.settings.schemas import read_yaml

RECORDS = 300
DESCRIBED = read_yaml(Path(__file__).with_name("described_tables.yaml"))
TABLES, DRAWN_FROM = DESCRIBED["tables"], DESCRIBED["drawn_from"]

# What protects at least as well as the right role.
AS_SAFE = {
    "I": {"identifier", "person"},
    "P": {"identifier", "person"},
    "Q": {"identifier", "person", "quasi-identifier"},
}


def draw_table(table, records=RECORDS):
    """Return a table as a frame of texts; the same in every run."""
    people = table.get("people", records)
    frame = pd.DataFrame(index=range(records))
    person = make_generator(0, table["title"]).integers(0, people, records)
    for name, text in table["columns"].items():
        role, _, values = text.partition(" ")
        generator = make_generator(1, table["title"], name)
        is_of_person = people < records and (role == "P" or role.endswith("*"))
        values, _, empty = values.partition(" ~")
        if values.split()[0] in MADE_OF:
            column = MADE_OF[values.split()[0]](frame, *values.split()[1:])
        elif is_of_person:
            column = draw_values(values, people, generator)[person]
        else:
            column = draw_values(values, records, generator)
        column = np.array(column, dtype=object)
        if empty:
            is_empty = generator.random(people if is_of_person else records) < int(empty) / 100
            column[is_empty[person] if is_of_person else is_empty] = ""
        frame[name] = column
    return frame.astype("str")


def draw_values(values, records, generator):
    kind, _, rest = values.partition(" ")
    return np.array(DRAWN[kind](rest, records, generator), dtype=object)


def draw_of(rest, records, generator):
    """Values that are listed, ``1..5`` for all from 1 to 5; the first ones are most frequent."""
    listed = []
    for item in rest.split(", "):
        first, dots, last = item.partition("..")
        if dots:
            numbers = range(int(first), int(last) + 1)
            listed += [str(number).zfill(len(first)) for number in numbers]
        else:
            listed.append(item.strip("'"))
    weights = 1 / np.arange(2, len(listed) + 2)
    return generator.choice(listed, records, p=weights / weights.sum())


def draw_code(pattern, records, generator):
    """Codes: a digit for every 9 of the pattern, a letter for every question mark."""
    letters = list("ABCDEFGHJKLMNPRSTUVWXYZ")
    made = {"9": list("0123456789"), "?": letters}
    return [
        "".join(generator.choice(made[mark]) if mark in made else mark for mark in pattern)
        for _ in range(records)
    ]


def draw_number(rest, records, generator):
    low, high, *decimals = map(int, rest.split())
    middle, spread = (low + high) / 2, (high - low) / 4
    numbers = np.clip(generator.normal(middle, spread, records), low, high)
    return [f"{number:.{decimals[0] if decimals else 0}f}" for number in numbers]


def draw_moments(rest, records, generator):
    first, last = map(pd.Timestamp, rest.split()[:2])
    return first + pd.to_timedelta(generator.integers(0, (last - first).days, records), "D")


def draw_day(rest, records, generator):
    form = [*rest.split(), "%Y-%m-%d"][2]
    return draw_moments(rest, records, generator).strftime(form)


def draw_time(rest, records, generator):
    minutes = pd.to_timedelta(generator.integers(0, 1440, records), "min")
    return (draw_moments(rest, records, generator) + minutes).strftime("%Y-%m-%d %H:%M:%S")


def draw_nhs(rest, records, generator):
    """NHS numbers: nine digits, and one by which they can be checked."""
    numbers = []
    while len(numbers) < records:
        digits = generator.integers(0, 10, 9)
        check = -int(digits @ np.arange(10, 1, -1)) % 11
        if check < 10:
            numbers.append("".join(map(str, [*digits, check])))
    return numbers


def draw_names(order, records, generator):
    given, family = (generator.choice(DRAWN_FROM[names], records) for names in ("given", "family"))
    return [
        order.replace("given", first).replace("family", last)
        for first, last in zip(given, family, strict=True)
    ]


def draw_letters(form):
    """Return what draws texts of names and numbers in a form."""

    def draw(rest, records, generator):
        names = draw_names("given.family", records, generator)
        numbers = generator.integers(10_000, 99_999, records)
        streets = generator.choice(DRAWN_FROM["street"], records)
        return [
            form.format(name=name.lower(), number=number, street=street, house=number % 90 + 1)
            for name, number, street in zip(names, numbers, streets, strict=True)
        ]

    return draw


def draw_text(rest, records, generator):
    parts = generator.choice(DRAWN_FROM["text"], (records, 3))
    return [", ".join(row).capitalize() + "." for row in parts]


DRAWN = {
    "of": draw_of,
    "code": draw_code,
    "count": lambda rest, records, _: [str(int(rest) + place) for place in range(records)],
    "number": draw_number,
    "day": draw_day,
    "time": draw_time,
    "clock": lambda rest, *sizes: [
        text[11:] for text in draw_time("2000-01-01 2001-01-01", *sizes)
    ],
    "nhs": draw_nhs,
    "given": lambda rest, *sizes: draw_names(f"given{rest}", *sizes),
    "family": lambda rest, *sizes: draw_names(f"family{rest}", *sizes),
    "family,": lambda rest, *sizes: draw_names(f"family, {rest}", *sizes),
    "email": draw_letters("{name}@example.org"),
    "phone": draw_letters("+44 20 79{number}"),
    "url": draw_letters("https://news.example.org/{number}/{name}"),
    "street": draw_letters("{street} {house}"),
    "text": draw_text,
    "path": lambda rest, *sizes: [
        f"Zip codes\\{place}\\" for place in draw_of("MA\\Boston\\02118, MA\\Lynn\\01901", *sizes)
    ],
}


def cut(frame, column, width):
    """Return the intervals that the numbers of a column lie in."""
    low = frame[column].astype(int) // int(width) * int(width)
    return [f"{start}-{start + int(width) - 1}" for start in low]


def divide_by_square(frame, weight, height):
    return (frame[weight].astype(float) / (frame[height].astype(float) / 100) ** 2).map(
        "{:.1f}".format
    )


MADE_OF = {
    "cut": cut,
    "bmi": divide_by_square,
    "year": lambda frame, day: frame[day].str.extract("([0-9]{4})")[0],
    "start": lambda frame, column, length: frame[column].str[: int(length)],
}


def judge(table):
    """Return the role and the reason that are proposed for each column, with its right role."""
    frame = draw_table(table)
    profiles = profile_columns(count_values(frame), len(frame), ".")
    guesses, _ = relate_roles(profiles, frame, ".")
    right = [text.split()[0].rstrip("*") for text in table["columns"].values()]
    told = [(guess.role, guess.reason) for guess in guesses]
    return pd.DataFrame(told, index=list(frame), columns=["role", "reason"]).assign(right=right)


def count_found(tables):
    """Count over the columns of tables how many of what may identify were found.

    Returns
    -------
    Counts of ``identifiers`` and ``quasi_identifiers`` that there are, of those that are proposed
    at least as safely (``found_…``), of columns that are ``protected`` by the proposals, and of
    those of them that need it (``rightly_protected``).
    """
    counts = Counter()
    for table in tables:
        for column in judge(table).itertuples():
            kind = "quasi_identifiers" if column.right == "Q" else "identifiers"
            if column.right != "S":
                counts[kind] += 1
                counts[f"found_{kind}"] += column.role in AS_SAFE[column.right]
            is_protected = column.role not in ("sensitive", "target")
            counts["protected"] += is_protected
            counts["rightly_protected"] += is_protected and column.right != "S"
    return counts


def measure(tables):
    """Return recall of identifiers and quasi-identifiers, and precision, as shares from 0 to 1."""
    counts = count_found(tables)
    found = counts["found_identifiers"] + counts["found_quasi_identifiers"]
    return {
        "columns": sum(len(table["columns"]) for table in tables),
        "recall": found / (counts["identifiers"] + counts["quasi_identifiers"]),
        "recall_of_identifiers": counts["found_identifiers"] / counts["identifiers"],
        "recall_of_quasi_identifiers": counts["found_quasi_identifiers"]
        / counts["quasi_identifiers"],
        "precision": counts["rightly_protected"] / counts["protected"],
    }


def list_mistakes(tables):
    """List what is proposed less safely than it should be, and what is protected needlessly."""
    return [
        f"{'needless' if column.right == 'S' else 'missed'}: {name} of {table['title']} is "
        f"{column.right}, not {column.role} ({column.reason})"
        for table in tables
        for name, column in judge(table).iterrows()
        if column.role not in AS_SAFE.get(column.right, ("sensitive", "target"))
    ]


if __name__ == "__main__":
    print("\n".join(list_mistakes(TABLES)))
    print(measure(TABLES))
