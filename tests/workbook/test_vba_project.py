"""The writer of VBA projects, judged by three readers that do not know it."""

from __future__ import annotations

import io
import random
import string
import struct

import compound_file
import olefile
import pytest
import vba_project
from hypothesis import given
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser, decompress_stream
from pyopenvba.cfb import CFB
from pyopenvba.vba import parse_vba_project
from vba_project import Module, ProjectError, build_project, document, read_module

HEAD = 'Attribute VB_Name = "{}"\r\n'


def module(name: str, body: str = "") -> Module:
    return Module(name, HEAD.format(name) + body)


def sheets(count: int) -> list[str]:
    return ["ThisWorkbook", *(f"Sheet{number}" for number in range(1, count + 1))]


def sources(project: bytes) -> dict[str, bytes]:
    """Every module as olevba finds and unpacks it."""
    stream = io.BytesIO(project)
    with olefile.OleFileIO(stream) as file:
        names = [
            path[1] for path in file.listdir() if path[0] == "VBA" and path[1] not in ("dir", "_VBA_PROJECT")
        ]
        return {name: decompress_stream(bytearray(file.openstream(["VBA", name]).read())) for name in names}


def long_source(name: str, lines: int) -> Module:
    body = "".join(f"' line {number} says {number * 7919 % 10007}\r\n" for number in range(lines))
    return module(name, body + "Public Sub A()\r\nEnd Sub\r\n")


@pytest.mark.parametrize("count", [1, 2, 17, 30, 65, 99, 120])
def test_every_module_is_read_back_equal_for_any_number_of_sheets(count: int) -> None:
    modules = [long_source("PE_One", 1), long_source("PE_Two", 3000), module("PE_Empty")]
    project = build_project(modules, sheets(count))
    found = sources(project)
    assert list(found) != []
    assert found.keys() == {*sheets(count), "PE_One", "PE_Two", "PE_Empty"}
    assert all(found[item.name] == item.source.encode("ascii") for item in modules)
    assert all(name in found[name].decode() for name in sheets(count))


@pytest.mark.parametrize("count", [1, 30, 99, 120])
def test_the_strict_reader_finds_no_defect(count: int) -> None:
    project = build_project([long_source("PE_Two", 2000)], sheets(count))
    with olefile.OleFileIO(io.BytesIO(project), raise_defects=olefile.DEFECT_UNSURE) as file:
        assert getattr(file, "parsing_issues") == []  # noqa: B009 (its types lack it)
        for path in file.listdir():
            assert len(file.openstream(path).read()) == file.get_size(path)


@pytest.mark.parametrize("count", [1, 30, 120])
def test_an_independent_writer_of_projects_calls_it_valid(count: int) -> None:
    modules = [
        long_source("PE_Two", 200),
        read_module("VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1\nEND\n" + HEAD.format("Box")),
    ]
    file = CFB.from_bytes(build_project(modules, sheets(count)))
    project = parse_vba_project(file)
    assert project.validate(file) == []
    assert list(project.module_names()) == [*sheets(count), "PE_Two", "Box"]


def test_olevba_lists_modules_by_kind() -> None:
    text = 'VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1\nEND\nAttribute VB_Name = "Box"\nAttribute VB_Exposed = True\nOption Explicit\n'
    project = build_project([module("PE_One", "Sub A()\r\nEnd Sub\r\n"), read_module(text)], sheets(2))
    found = {name: code for _, _, name, code in VBA_Parser("vbaProject.bin", data=project).extract_macros()}
    assert found.keys() == {"ThisWorkbook.cls", "Sheet1.cls", "Sheet2.cls", "Box.cls", "PE_One.bas"}
    assert 'VB_Base = "0{FCFB3D2A' in found["Box.cls"]
    assert "BEGIN" not in found["Box.cls"]
    assert "VB_PredeclaredId = True" in found["Sheet1.cls"]


def test_same_sources_same_bytes() -> None:
    parts = [long_source("PE_Two", 500)], sheets(5)
    assert build_project(*parts) == build_project(*parts)


def test_streams_say_that_nothing_is_cached_or_locked() -> None:
    with olefile.OleFileIO(io.BytesIO(build_project([module("PE_One")], sheets(1)))) as file:
        assert file.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("CC61FFFF000100")
        text = file.openstream("PROJECT").read().decode("ascii")
        names = file.openstream("PROJECTwm").read()
    lines = text.split("\r\n")
    assert lines[1:4] == ["Document=ThisWorkbook/&H00000000", "Document=Sheet1/&H00000000", "Module=PE_One"]
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    assert [decrypted(values[key].strip('"')) for key in ("CMG", "DPB", "GC")] == [
        b"\0\0\0\0",
        b"\0",
        b"\xff",
    ]
    assert names.endswith(b"PE_One\0" + "PE_One".encode("utf-16-le") + b"\0\0\0\0")


def decrypted(text: str) -> bytes:
    """Data decryption of MS-OVBA 2.4.3.3."""
    seed, version, key, *rest = bytes.fromhex(text)
    assert seed ^ version == 2
    clear, last, before, plain = seed ^ key, key, version, []
    for coded in rest:
        clear = coded ^ ((before + clear) & 0xFF)
        before, last = last, coded
        plain.append(clear)
    data = bytes(plain[(seed & 6) // 2 :])
    assert struct.unpack("<L", data[:4])[0] == len(data) - 4
    return data[4:]


@given(
    st.lists(
        st.sampled_from(["a", "bc", "Sub ", "End ", "\r\n", "   ", "xlwings", "0123456789"]), max_size=3000
    )
)
def test_compression_is_undone_by_the_reader(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    assert decompress_stream(bytearray(vba_project.compressed(data))) == data


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4095, 4096, 4097, 8192, 12289])
def test_compression_at_the_edges_of_a_chunk(length: int) -> None:
    for data in (
        b"a" * length,
        bytes(random.Random(1).choices(string.ascii_letters.encode()[:20], k=length)),
    ):
        assert decompress_stream(bytearray(vba_project.compressed(data))) == data


def test_a_source_that_compression_cannot_shorten_is_refused() -> None:
    noise = bytes(random.Random(7).choices(range(33, 127), k=4096))
    with pytest.raises(ProjectError, match="smaller"):
        vba_project.compressed(noise)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("' 校验\r\n", "line 2: only ASCII"),
        ("Sub A()\nEnd Sub\r\n", "line 2: lines must end"),
        ("Sub A()\rEnd Sub\r\n", "line 2: lines must end"),
        ("' " + "x" * 1022 + "\r\n", "line 2: longer"),
        ("a = 1 + _\r\n" * 25 + "1\r\n", "line 26: more than 24"),
        ("Sub A()", "end with a line end"),
    ],
)
def test_a_source_that_office_would_not_take_is_refused(body: str, says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        build_project([module("PE_One", body)], sheets(1))


@pytest.mark.parametrize(
    "name", ["Print", "date", "Me", "array", "1st", "", "has space", "x" * 32, "名", "dir"]
)
def test_a_name_that_the_editor_refuses_is_refused(name: str) -> None:
    with pytest.raises(ProjectError, match="name"):
        build_project([module(name)], sheets(1))


@pytest.mark.parametrize(
    ("modules", "documents"),
    [
        ([module("PE_One"), module("pe_one")], sheets(1)),
        ([module("Sheet1")], sheets(1)),
        ([module("VBAProject")], sheets(1)),
        ([], []),
        ([], [document("Sheet1", "sheet"), "ThisWorkbook"]),
    ],
)
def test_two_of_one_name_or_no_workbook_are_refused(modules: list[Module], documents: list[str]) -> None:
    with pytest.raises(ProjectError):
        build_project(modules, documents)


def test_a_text_without_its_name_is_refused() -> None:
    with pytest.raises(ProjectError, match="VB_Name"):
        read_module("Sub A()\nEnd Sub\n")
    with pytest.raises(ProjectError, match="VB_Name"):
        build_project([Module("PE_One", HEAD.format("Other"))], sheets(1))


def test_more_than_the_container_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="7 MB"):
        compound_file.write({"A": bytes(8_000_000)})
    with pytest.raises(ValueError, match="31"):
        compound_file.write({"A" * 32: b""})
