"""Archival packages: a BagIt bag (RFC 8493, version 1.0) in one ZIP, written without holding a file in memory."""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

CHUNK = 1024 * 1024
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # ZIP knows no earlier date; a fixed one keeps equal packages equal


def safe_name(text: str) -> str:
    """`text` as a file name inside a bag: no folders, no control characters, at most 120 characters."""
    name = "".join(each if each.isprintable() and each not in '<>:"|?*%' else "_" for each in text)
    name = re.split(r"[/\\]", name)[-1].strip(" .")
    return name[-120:] or "file"


def write_bag_zip(target: Path, top: str, files: Iterable[tuple[str, Path | bytes]], info: Mapping[str, str]) -> None:
    """Write the bag `top` with `files` (path below data/, content) and the `bag-info.txt` of `info` to `target`.

    Blocking. A payload path's parts are made safe one by one.
    """
    manifest: list[str] = []
    octets = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, content in files:
            path = "data/" + "/".join(safe_name(part) for part in name.split("/"))
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
