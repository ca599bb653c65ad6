from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anonify.base import seeding
from anonify.base.seeding import (
    draw_by_key,
    make_generator,
    make_seed,
    rank_by_key,
    read_secret,
)


def draw(seed, *keys):
    return make_generator(seed, *keys).integers(2**60, size=4).tolist()


def test_the_same_seed_and_keys_give_the_same_stream():
    assert draw(2024, "sample", "arx", 250) == draw(2024, "sample", "arx", 250)


def test_the_stream_is_the_same_in_every_version():
    # Published results depend on it.
    assert draw(2024, "sample", "arx", 250, 50, 1) == [
        739835378106034953,
        571432060590080611,
        856378997415442395,
        460575816083375330,
    ]


@pytest.mark.parametrize(
    ("seed", "keys"),
    [
        (2025, ("sample", "arx", 250)),
        (2024, ("sample", "arx", 25)),
        (2024, ("sample", "arx")),
        (2024, ("sample", "arx", 250, 1)),
        (2024, ("sample", "arx2", 50)),
        (2024, ("arx", "sample", 250)),
    ],
)
def test_another_seed_or_key_gives_another_stream(seed, keys):
    assert set(draw(seed, *keys)).isdisjoint(draw(2024, "sample", "arx", 250))


def test_a_number_as_key_is_its_text():
    # Wildcards of file names come as text.
    assert draw(2024, "anonymize", "oka", 250) == draw(2024, "anonymize", "oka", "250")


def test_a_seed_for_other_libraries_has_32_bits_and_depends_on_the_keys():
    seeds = {make_seed(2024, "knn", repeat) for repeat in range(100)}
    assert len(seeds) == 100
    assert 0 <= min(seeds) < 2**31 < max(seeds) < 2**32


def test_a_secret_seed_stays_the_same_and_only_its_owner_can_read_it(tmp_path):
    path, other = (str(tmp_path / f"{name}.key") for name in "ab")
    assert draw(path, "sample", 250) == draw(path, "sample", 250)
    assert draw(path, "sample", 250) != draw(other, "sample", 250)
    assert draw(path, "sample", 250) != draw(path, "sample", 251)
    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.key", "b.key"]


def test_jobs_that_start_at_once_find_the_same_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda _: read_secret(tmp_path / "a.key"), range(200))}
    assert len(found) == 1


@pytest.mark.parametrize("at_once", [1, 7, 2**16])
@pytest.mark.parametrize("count", [0, 1, 5, 99, 100])
def test_drawn_are_the_first_by_rank(monkeypatch, at_once, count):
    expected = sorted(rank_by_key(100, "key")[:count].tolist())
    monkeypatch.setattr(seeding, "_AT_ONCE", at_once)
    assert draw_by_key(100, count, "key").tolist() == expected


def test_where_the_first_halves_of_digests_agree_the_second_ones_decide(monkeypatch):
    halves = [(1, 5), (0, 9), (1, 4), (0, 8), (1, 6)]
    digests = b"".join(half.to_bytes(8, "big") for pair in halves for half in pair)
    monkeypatch.setattr(seeding, "_digest", lambda numbers, key: digests)
    assert rank_by_key(5, "key").tolist() == [3, 1, 2, 0, 4]
