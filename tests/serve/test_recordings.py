"""Which files of a request are one recording."""

import pytest

from skecg.serve._recordings import gather


def _names(*uploads):
    return [list(files) for files in gather(list(uploads))]


def test_other_files_are_recordings_of_their_own():
    assert _names(("a.xml", b"1"), ("a.xml", b"2"), ("", b"")) == [
        ["a.xml"],
        ["a.xml"],
        [""],
    ]


def test_a_header_takes_its_signals_and_segments():
    segments = b"s/2 1 500 20\ns1 10\ns2 10\n"
    assert _names(
        ("s2.dat", b""),
        ("s1.hea", b"s1 1 500 10\ns1.dat 16\n"),
        ("s.hea", segments),
        ("s2.hea", b"s2 1 500 10\ns2.dat 16\n"),
        ("s1.dat", b""),
        ("t.dat", b""),
    ) == [["s.hea", "s1.dat", "s1.hea", "s2.dat", "s2.hea"], ["t.dat"]]


def test_no_file_vanishes():
    circle = [(f"{a}.hea", f"{a} 1\n{b}".encode()) for a, b in ("ab", "bc", "ca")]
    assert sorted(name for files in _names(*circle) for name in files) == [
        "a.hea",
        "b.hea",
        "c.hea",
    ]


def test_two_files_of_one_name_are_refused():
    header = ("a.hea", b"a 1 500\na.dat 16\n")
    with pytest.raises(ValueError, match="Two files are named 'a.dat'"):
        gather([header, ("a.dat", b"1"), ("a.dat", b"2")])
