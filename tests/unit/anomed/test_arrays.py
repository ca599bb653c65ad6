import io
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.anomed.arrays import Limits, TooLarge, read_arrays, write_arrays
from anonify.base.errors import UserError

LIMITS = Limits(upload=2**20, expanded=2**20)


def read(content, *names, limits=LIMITS):
    return read_arrays(content, names or ("X",), limits)


def refuse(content):
    with pytest.raises(UserError) as raised:
        read(content)
    return str(raised.value)


def pack_file(name, content, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def write_npy(header_shape, values):
    file = io.BytesIO()
    header = {"descr": values.dtype.str, "fortran_order": False, "shape": header_shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + values.tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "bool", ">i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_read_as_they_were_written(dtype, order):
    X = np.array([[1, 0, 1], [0, 0, 1]], dtype=dtype, order=order)
    found = read(write_arrays(X=X, y=np.array([1, 2])), "X", "y")
    assert found["X"].dtype == X.dtype
    assert found["X"].tolist() == X.tolist()
    assert found["y"].tolist() == [1, 2]


def test_arrays_are_read_in_pieces(monkeypatch):
    monkeypatch.setattr("anonify.anomed.arrays.PIECE", 7)
    X = np.arange(60.0).reshape(20, 3)
    assert read(write_arrays(X=X))["X"].tolist() == X.tolist()


def test_other_arrays_are_not_looked_at():
    file = io.BytesIO()
    np.savez(file, X=np.ones(2), other=np.array([{}], dtype=object), allow_pickle=True)
    assert read(file.getvalue())["X"].tolist() == [1, 1]


def test_what_is_no_npz_is_refused():
    assert "no .npz file" in refuse(b"")
    assert "no .npz file" in refuse(b"X" * 1000)
    npy = io.BytesIO()
    np.save(npy, np.ones(3))
    assert "a single array (.npy)" in refuse(npy.getvalue())


def test_a_truncated_file_is_refused():
    content = write_arrays(X=np.random.default_rng(1).random(100))
    for length in (1, 30, len(content) // 2, len(content) - 1):
        assert "no .npz file or not whole" in refuse(content[:length])


def test_a_missing_array_is_named():
    assert "no array 'X' (there are 'x')" in refuse(write_arrays(x=np.ones(1)))


def test_pickles_and_texts_are_refused():
    file = io.BytesIO()
    np.savez(file, X=np.array([print], dtype=object), allow_pickle=True)
    assert "holds object" in refuse(file.getvalue())
    assert "holds <U1" in refuse(write_arrays(X=np.array(["a"])))
    assert "holds" in refuse(write_arrays(X=np.zeros(1, dtype="i4,f8")))


def test_a_header_that_lies_about_the_size_is_refused():
    for shape in [(3,), (1,), (2**40,), (-2,), (2**62, 2**62)]:
        assert "not as large as its header says" in refuse(
            pack_file("X.npy", write_npy(shape, np.ones(2)))
        )


@pytest.mark.parametrize(
    "header",
    [
        *("(" * 900, "[" * 900, "-" * 900 + "1", "(" * 9000, "{[]: 1}", "{'descr': '''", "", "\0"),
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 900 + ", 1), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -8), }",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1, 8), }",
        "{'descr': None, 'fortran_order': False, 'shape': (1, 8), }",
    ],
)
def test_whatever_the_header_says_it_is_refused(header):
    text = f"{header}\n".encode()
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(64)
    assert refuse(pack_file("X.npy", content))


def test_a_truth_value_as_a_length_is_a_number():
    assert read(pack_file("X.npy", write_npy((True, 2), np.ones(2))))["X"].tolist() == [[1, 1]]


def test_other_compressions_are_refused():
    # A LZMA stream says itself how much memory its reader takes.
    content = pack_file("X.npy", write_npy((2,), np.ones(2)), zipfile.ZIP_LZMA)
    assert "packed in another way" in refuse(content)


def test_what_expands_beyond_the_limit_is_refused_before_it_does():
    content = write_arrays(X=np.zeros((4000, 1000)))
    assert len(content) < 2**16
    tracemalloc.start()
    with pytest.raises(TooLarge, match="take 32000128 bytes, more than the 1048576"):
        read(content)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_size_that_the_directory_makes_small_is_not_exceeded():
    content = bytearray(write_arrays(X=np.zeros((4000, 1000))))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    tracemalloc.start()
    refuse(bytes(content))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_body_beyond_the_limit_is_refused():
    with pytest.raises(TooLarge):
        read(bytes(2**20 + 1))


def test_an_archive_of_very_many_files_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.npy", b"")
    with pytest.raises(TooLarge, match="more than 64 arrays"):
        read(file.getvalue())


@given(st.data())
def test_a_damaged_file_is_refused_or_read(data):
    content = bytearray(write_arrays(X=np.arange(6.0).reshape(2, 3), y=np.arange(2)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UserError):
        assert isinstance(read(bytes(content))["X"], np.ndarray)


@given(st.binary(max_size=2000))
def test_any_bytes_are_refused(content):
    refuse(content)
