"""A PDF's text layer, taken out by a child that may crash, hang or eat memory."""

import os
import shutil
import signal
from pathlib import Path

import pypdf
import pytest

from explorer.errors import FileRefusedError
from explorer.readers.pdf_process import PdfProcess
from explorer.readers.pdf_text import pdf_text

DATA = Path(__file__).parents[2] / "data" / "reports"


def test_each_page_has_its_place_in_the_text() -> None:
    read = pdf_text(DATA / "ct.pdf")
    first, second = (read.text[slice(*span)] for span in read.spans)
    assert first == (
        "CT THORAX\nDate of report: 2019-04-09\nFINDINGS: A nodule of 9 mm in the right upper lobe."
    )
    assert second == "IMPRESSION: Suspicious nodule."
    assert read.text == first + "\f" + second
    assert read.empty == []


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(FileRefusedError, match=r"no text layer: its pages are images.*OCR"):
        pdf_text(DATA / "scan.pdf")


def test_pages_without_text_are_told(tmp_path: Path) -> None:
    joined = pypdf.PdfWriter()
    joined.append(DATA / "ct.pdf")
    joined.append(DATA / "scan.pdf")
    joined.write(tmp_path / "joined.pdf")
    read = pdf_text(tmp_path / "joined.pdf")
    assert (len(read.spans), read.empty, read.pictures) == (3, [3], 1)


def test_an_encrypted_file_says_so(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=DATA / "ct.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "closed.pdf")
    with pytest.raises(FileRefusedError, match="encrypted"):
        pdf_text(tmp_path / "closed.pdf")


def test_one_that_opens_without_a_password_is_read(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=DATA / "ct.pdf")
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    writer.write(tmp_path / "open.pdf")
    assert "nodule of 9 mm" in pdf_text(tmp_path / "open.pdf").text


def test_time_and_memory_are_bounded(tmp_path: Path) -> None:
    hung = PdfProcess()
    assert "nodule" in pdf_text(DATA / "ct.pdf", process=hung).text
    assert hung._process is not None
    os.kill(hung._process.pid, signal.SIGSTOP)  # a child that never answers
    with pytest.raises(FileRefusedError, match=r"took more than 0.5 s"):
        pdf_text(DATA / "ct.pdf", seconds=0.5, process=hung)
    assert "nodule" in pdf_text(DATA / "ct.pdf", process=hung).text  # another child is started
    hung.close()
    bomb = pypdf.PdfWriter(clone_from=DATA / "ct.pdf")
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(b" " * (80 << 20))
    page = bomb.pages[0]
    page[pypdf.generic.NameObject("/Contents")] = bomb._add_object(stream.flate_encode())
    bomb.write(tmp_path / "bomb.pdf")
    assert (tmp_path / "bomb.pdf").stat().st_size < 1 << 20
    small = PdfProcess(memory=256 << 20)
    with pytest.raises(FileRefusedError, match=r"Limit reached|more memory"):
        pdf_text(tmp_path / "bomb.pdf", process=small)
    assert "nodule" in pdf_text(DATA / "ct.pdf", process=small).text
    small.close()


def test_a_cut_file_is_refused_or_read(tmp_path: Path) -> None:
    whole = (DATA / "ct.pdf").read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(FileRefusedError, match="The PDF"):
        pdf_text(path)


def test_the_path_is_no_command(tmp_path: Path) -> None:
    path = tmp_path / "$(touch x); 'a' \"b\".pdf"
    shutil.copy(DATA / "ct.pdf", path)
    assert "nodule" in pdf_text(path).text
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name]
