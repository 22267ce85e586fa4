"""The mark by which a file that we wrote is known again: in a workbook a hidden name, in a Word document a hidden bookmark.

Both live through every office and show nowhere. What they hold is a hash of the content (``perfeval_xl.written``): whoever
finds another one there knows that the file was changed since.
"""

from __future__ import annotations

from perfeval_xl import patterns as re
from perfeval_xl.errors import PackageError

from .workbook import Workbook
from .xml import append_new, child, children, local_name
from .zip import Package

NAME = "PE_WRITTEN"
_BOOKMARK = re.compile("_PE_([0-9a-f]{32})")
_HASH = re.compile('"?([0-9a-f]{32})"?')
#: An id that no other bookmark of an office has; they count from 0.
_ID = "20210131"


def seal_workbook(workbook: Workbook, digest: str) -> None:
    """Put the mark into a workbook's tree; an earlier one is replaced. ``workbook`` is to be saved by the caller."""
    break_seal(workbook)
    workbook.add_name(NAME, f'"{digest}"', hidden=True)


def break_seal(workbook: Workbook) -> bool:
    """Take the mark out; whether there was one."""
    return workbook.remove_names(lambda element: element.get("name") == NAME)


def sealed(data: bytes, digest: str) -> bytes:
    """A workbook or Word document with the mark; PackageError for what is neither."""
    package = Package(data)
    part = package.related("", "officeDocument") or ""
    if part.startswith("word/"):
        seal_document(package, part, digest)
    else:
        workbook = Workbook(package)
        seal_workbook(workbook, digest)
        workbook.save()
    return package.to_bytes()


def seal_document(package: Package, part: str, digest: str) -> None:
    """Put the mark into a document's main ``part``, before its first paragraph."""
    document = package.document(part)
    body = child(document.root, "body")
    if body is None:
        raise PackageError("文件里找不到正文，不是 Word 文档或已损坏")
    space = body.tag[: body.tag.index("}") + 1] if "}" in body.tag else ""
    for old in [
        one for one in children(body, "bookmarkStart") if _BOOKMARK.fullmatch(one.get(f"{space}name") or "")
    ]:
        ends = [
            one for one in children(body, "bookmarkEnd") if one.get(f"{space}id") == old.get(f"{space}id")
        ]
        for element in (old, *ends):
            body.remove(element)
    start, end = append_new(body, "bookmarkStart"), append_new(body, "bookmarkEnd")
    start.set(f"{space}id", _ID)
    start.set(f"{space}name", f"_PE_{digest}")
    end.set(f"{space}id", _ID)
    body.insert(0, start)
    body.insert(1, end)
    package.put(part, document)


def seal_of(data: bytes) -> str | None:
    """The hash in a file's mark; None where it has none. PackageError for a broken package."""
    package = Package(data)
    part = package.related("", "officeDocument") or ""
    if part.startswith("word/"):
        space_of = (one for one in package.document(part).root.iter() if local_name(one) == "bookmarkStart")
        found = (_BOOKMARK.fullmatch(str(value)) for one in space_of for value in one.attrib.values())
        return next((match[1] for match in found if match is not None), None)
    match = _HASH.fullmatch(Workbook(package).own_names.get(NAME, ""))
    return None if match is None else match[1]
