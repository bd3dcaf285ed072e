"""Packages: what comes out of the ZIP is a valid bag, whatever the files in it were called."""

import tracemalloc
import zipfile
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.letters import bags
from portal.letters.bags import safe_name, write_bag_zip

INFO = {"Source-Organization": "سامانهٔ درجه‌بندی", "Bagging-Date": "2026-11-24"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("صورت\u200cجلسهٔ شورا ۱۴۰۴.pdf", "صورت\u200cجلسهٔ شورا ۱۴۰۴.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("..", "file"),
        ("", "file"),
        ("a/", "file"),
        (" . ", "file"),
        ("نامه\u202efdp.exe", "نامه_fdp.exe"),
        ("a\x00b\r\nc.pdf", "a_b__c.pdf"),
        ("50%0A.pdf", "50_0A.pdf"),
        ("NUL.pdf", "_NUL.pdf"),
        ("ی" * 300 + ".pdf", "ی" * 98 + ".pdf"),
    ],
)
def test_names_lose_their_tricks(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text())
def test_every_name_becomes_one_part_of_a_path(text: str) -> None:
    name = safe_name(text.encode(errors="ignore").decode())
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\\x00\r\n%:<>"|?*')
    assert len(name.encode()) <= bags.LONGEST + 1
    assert safe_name(name) == name


def test_a_package_is_a_valid_bag(tmp_path: Path) -> None:
    scan = tmp_path / "scan"
    scan.write_bytes(bytes(range(256)) * 9000)
    files: list[tuple[str, Path | bytes]] = [
        ("documents/صورت\u200cجلسه.pdf", scan),
        ("letter.pdf", b"%PDF-"),
        ("statements/empty.json", b""),
    ]
    write_bag_zip(tmp_path / "bag.zip", "1405-12-0007", files, INFO)
    folder = bags.unpack(tmp_path / "bag.zip", tmp_path / "out")
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert folder.name == "1405-12-0007"
    assert bag.version == "1.0"
    assert (folder / "data/documents/صورت\u200cجلسه.pdf").read_bytes() == scan.read_bytes()
    assert bag.info["Source-Organization"] == "سامانهٔ درجه‌بندی"
    assert bag.info["Payload-Oxum"] == f"{scan.stat().st_size + 5}.3"
    assert set(bag.entries) >= {"data/letter.pdf", "bag-info.txt", "manifest-sha256.txt"}


def test_a_changed_file_fails_validation(tmp_path: Path) -> None:
    write_bag_zip(tmp_path / "bag.zip", "case", [("letter.pdf", b"one")], INFO)
    folder = bags.unpack(tmp_path / "bag.zip", tmp_path / "out")
    (folder / "data/letter.pdf").write_bytes(b"two")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


def test_hostile_paths_stay_inside_and_equal_names_stay_apart(tmp_path: Path) -> None:
    names = ["../../x.pdf", "..\\x.pdf", "a/../../b.pdf", "/root/c.pdf", "X.pdf", "x.pdf", "root"]
    write_bag_zip(tmp_path / "bag.zip", "../top", [(name, name.encode()) for name in names], INFO)
    with zipfile.ZipFile(tmp_path / "bag.zip") as archive:
        paths = archive.namelist()
        assert len({path.casefold() for path in paths}) == len(paths)
        assert all(path.startswith("top/") and ".." not in path.split("/") for path in paths)
    folder = bags.unpack(tmp_path / "bag.zip", tmp_path / "out")
    bagit.Bag(str(folder)).validate()
    assert {each.read_bytes().decode() for each in (folder / "data").rglob("*") if each.is_file()} == set(names)


def test_line_ends_in_the_facts_forge_no_others(tmp_path: Path) -> None:
    write_bag_zip(tmp_path / "bag.zip", "case", [], {"External-Description": "a\nPayload-Oxum: 9.9"})
    bag = bagit.Bag(str(bags.unpack(tmp_path / "bag.zip", tmp_path / "out")))
    bag.validate()
    assert bag.info["Payload-Oxum"] == "0.0"


def test_equal_packages_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_bag_zip(tmp_path / name, "case", [("letter.pdf", b"%PDF-")], INFO)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_memory_stays_flat(tmp_path: Path) -> None:
    scan = tmp_path / "scan"
    with scan.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    tracemalloc.start()
    try:
        write_bag_zip(tmp_path / "bag.zip", "case", [("scan.pdf", scan)], INFO)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
