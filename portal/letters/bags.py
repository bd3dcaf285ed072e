"""Archival packages: a BagIt bag (RFC 8493, version 1.0) in one ZIP, written without holding a file in memory."""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from portal.domain import persian

CHUNK = 1024 * 1024
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # ZIP knows no earlier date; a fixed one keeps equal packages equal
LONGEST = 200  # bytes of a name, so that it fits the 255 of any file system with room for a number
FORBIDDEN = '<>:"|?*%'  # by Windows; % is BagIt's own escape (RFC 8493 §2.1.3)
HALF_SPACE = "\u200c"  # unprintable to Python, and a letter's worth of meaning in a Persian name
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")  # not files under Windows, whatever follows


def safe_name(text: str) -> str:
    """`text` as a file name inside a bag: no folders, no control or direction characters, at most 200 bytes."""
    last = re.split(r"[/\\]", persian.composed(text))[-1]
    name = "".join(each if _is_harmless(each) else "_" for each in last).strip(" ." + HALF_SPACE)
    if DEVICES.match(name):
        name = f"_{name}"
    while len(name.encode()) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{ending}" if stem and len(ending) < 10 else name[:-1]
    return name.rstrip(" .") or "file"


def _is_harmless(character: str) -> bool:
    return character == HALF_SPACE or (character.isprintable() and character not in FORBIDDEN)


def write_bag_zip(target: Path, top: str, files: Iterable[tuple[str, Path | bytes]], info: Mapping[str, str]) -> None:
    """Write the bag `top` with `files` (path below data/, content) and the `bag-info.txt` of `info` to `target`.

    Blocking. A payload path's parts are made safe one by one; a second file of one name gets a number.
    """
    top, manifest, octets, taken = safe_name(top), list[str](), 0, set[str]()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.mkdir(f"{top}/data")  # a bag has one, even if empty (RFC 8493 §2.1.2)
        for name, content in files:
            path = _free("data/" + "/".join(safe_name(part) for part in name.split("/")), taken)
            digest, size = _store(archive, f"{top}/{path}", content)
            octets += size
            manifest.append(f"{digest}  {path}\n")
        tags = {
            "bagit.txt": DECLARATION,
            "bag-info.txt": _info({**info, "Payload-Oxum": f"{octets}.{len(manifest)}"}),
            "manifest-sha256.txt": "".join(manifest).encode(),
        }
        listing = [f"{_store(archive, f'{top}/{name}', content)[0]}  {name}\n" for name, content in tags.items()]
        _store(archive, f"{top}/tagmanifest-sha256.txt", "".join(listing).encode())


def _free(path: str, taken: set[str]) -> str:
    """`path`, or the first numbered form of it that is not taken yet by a file or a folder; then it is taken."""
    wanted, tries = PurePosixPath(path), 1
    folders = {str(folder).casefold() for folder in wanted.parents}
    while path.casefold() in taken:  # some file systems do not tell case apart
        tries += 1
        path = str(wanted.with_name(f"{wanted.stem}-{tries}{wanted.suffix}"))
    taken |= {path.casefold()} | folders
    return path


def _info(entries: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in entries.items()).encode()


def _store(archive: zipfile.ZipFile, name: str, content: Path | bytes) -> tuple[str, int]:
    """Put one file into the archive; the hex SHA-256 of its bytes, and how many they are."""
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.external_attr = 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as out:
        if isinstance(content, bytes):
            out.write(content)
            return hashlib.sha256(content).hexdigest(), len(content)
        with content.open("rb") as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
    return digest.hexdigest(), size


def unpack(package: Path, folder: Path) -> Path:
    """The bag's folder, unpacked from `package` into `folder`."""
    shutil.unpack_archive(package, folder, "zip")
    return next(each for each in folder.iterdir() if each.is_dir())


def info(case: Mapping[str, Any]) -> dict[str, str]:
    """What `bag-info.txt` says of the bag of `case` (its row, place names beside it)."""
    return {
        "Source-Organization": "سامانهٔ درجه‌بندی شهرداری‌ها (درجه)",
        "External-Identifier": case["number"],
        "External-Description": f"پروندهٔ درجه‌بندی شهرداری {case['town']}، {case['province_name']}",
        "Bagging-Date": persian.tehran_date(case["archived_at"]).isoformat(),
        "Internal-Sender-Identifier": case["municipality"],
    }
