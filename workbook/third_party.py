"""The licences of what a bundle carries, from the wheels' own metadata: a list, then every text that lies in them."""

from __future__ import annotations

import email
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

NAME = "第三方许可.txt"
_TEXT = re.compile(
    r"[^/]+\.dist-info/(?:licen[cs]es/.+|(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)", re.IGNORECASE
)
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_LINE = "=" * 78


class Unlicensed(Exception):
    """A wheel does not say under which licence it is; it must not be handed on."""


@dataclass(frozen=True, slots=True)
class Licensed:
    """A component with its licence in a few words, where it comes from, and the texts of its licence by name."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[tuple[str, str], ...]


def licensed(wheel: Path) -> Licensed:
    """What a wheel says of itself; Unlicensed where it says nothing."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = email.message_from_bytes(
            archive.read(next(name for name in names if _METADATA.fullmatch(name)))
        )
        texts = tuple(
            (name.partition("/")[2], archive.read(name).decode("utf-8", "replace"))
            for name in names
            if _TEXT.fullmatch(name)
        )
    licence = _licence(metadata)
    if not licence and not texts:
        raise Unlicensed(f"{wheel.name} says nothing of its licence")
    return Licensed(metadata["Name"], metadata["Version"], licence or "见下文", _home(metadata), texts)


def _licence(metadata: Message) -> str:
    """The expression; else the classifiers, else the field that some fill with the whole text."""
    if expression := metadata["License-Expression"]:
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier", [])
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    first = str(metadata["License"] or "").strip().split("\n")[0][:80]
    return "；".join(classified) or first


def _home(metadata: Message) -> str:
    """Where the project is at home: of several addresses the one that says so."""
    labelled = [str(line).partition(",") for line in metadata.get_all("Project-URL", [])]
    urls = {label.strip().casefold(): url.strip() for label, _, url in labelled}
    wanted = (urls[label] for label in ("homepage", "source", "repository", "source code") if label in urls)
    return str(metadata["Home-page"] or next(wanted, next(iter(urls.values()), "")))


def page(wheels: Sequence[Path], others: Sequence[Licensed] = ()) -> str:
    """The list and the texts, of wheels and of what else is carried."""
    # A component has a wheel for each Python, which all say the same.
    every = {(one.name.casefold(), one.version): one for one in (*map(licensed, wheels), *others)}
    found = [every[key] for key in sorted(every)]
    lines = ["离线安装包里带着下列组件，各按自己的许可使用。", ""]
    lines += [f"{one.name} {one.version}　{one.licence}　{one.home}".rstrip("　") for one in found]
    for one in found:
        for name, text in one.texts:
            lines += ["", _LINE, f"{one.name} {one.version}：{name}", _LINE, *text.splitlines()]
    return "".join(f"{line}\n" for line in lines)
