import threading

import pytest

from anonify.anomed.memory import Crowded, Memory


def test_messages_wait_for_each_other_where_they_do_not_fit_together():
    memory, in_work, most = Memory(10), [0], [0]
    lock = threading.Lock()

    def work(size):
        for _ in range(200):
            with memory.taking(size):
                with lock:
                    in_work[0] += size
                    most[0] = max(most[0], in_work[0])
                with lock:
                    in_work[0] -= size

    threads = [threading.Thread(target=work, args=(size,)) for size in (3, 4, 5, 6, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert in_work == [0]
    assert 0 < most[0] <= 10


def test_who_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr("anonify.anomed.memory.PATIENCE", 0.01)
    memory = Memory(10)
    with memory.taking(6):
        with pytest.raises(Crowded), memory.taking(5):
            pass
        with memory.taking(4):
            pass


def test_what_fails_frees_its_memory(monkeypatch):
    monkeypatch.setattr("anonify.anomed.memory.PATIENCE", 0.01)
    memory = Memory(10)
    with pytest.raises(ZeroDivisionError), memory.taking(10):
        1 / 0  # noqa: B018
    with memory.taking(10):
        pass
