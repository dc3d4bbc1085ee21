"""Byte flips and truncations of valid files of each kind: one status a file, no crash, no hang."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

import explorer
from explorer.ingest import ingest
from explorer.verify import verify

DATA = Path(__file__).parents[1] / "data" / "dicom"
SEED, A_FILE = 20261125, 50


def real(*names: str) -> list[Path]:
    return [Path(str(get_testdata_file(name, download=False))) for name in names]


def reports(shared: Path) -> list[Path]:
    return [
        shared / "dcmqi_seg_sr_pm" / "sr-example" / "sr.dcm",
        DATA / "sr_document.dcm",
        DATA / "sr_document_with_multiple_groups.dcm",
        *real("test-SR.dcm", "reportsi.dcm", "reportsi_with_empty_number_tags.dcm"),
    ]


def maps(shared: Path) -> list[Path]:
    return [
        DATA / "parametric_map_float.dcm",
        shared / "dcmqi_seg_sr_pm" / "sr-example" / "rwvm.dcm",
    ]


def cines(_: Path) -> list[Path]:
    return real(
        "examples_ybr_color.dcm", "examples_rgb_color.dcm", "examples_palette.dcm",
        "examples_jpeg2k.dcm", "ExplVR_BigEnd.dcm", "SC_rgb_rle_2frame.dcm",
        "SC_rgb_rle_16bit_2frame.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jls_lossy_line.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    )  # fmt: skip


def waveforms(_: Path) -> list[Path]:
    return real("waveform_ecg.dcm")


def images(shared: Path) -> list[Path]:
    """Slices of ten series: CT, PET and MR, implicit and explicit, signed and not, JPEG 2000."""
    sts = shared / "sts_ct_pet_mr_rtstruct"
    folders = [sts / name / kind for name in ("STS_002", "STS_003") for kind in ("CT", "PET")]
    folders += [sts / "STS_008" / "MR_T1", shared / "lidc_0314_ct_subset"]
    folders += [shared / "cmb_crc_msb06489_two_timepoints" / f"SCAN_00{n}" for n in (1, 2)]
    folders += [shared / "qin_prostate_pcampmri00001_adc_seg" / "ADC"]
    found = [sorted((one / "image" if (one / "image").is_dir() else one).rglob("*.dcm"))[3]
             for one in folders]  # fmt: skip
    return [*found, sorted((shared / "totalsegmentator_ct" / "example_ct_dicom").iterdir())[3]]


def outlines(shared: Path) -> list[Path]:
    """SEG and RTSTRUCT; the images that they lie on are in `BESIDE`."""
    found = sorted((shared / "qin_prostate_pcampmri00001_adc_seg" / "seg").rglob("*.dcm"))
    found += [shared / "dcmqi_seg_sr_pm" / name for name in ("liver.dcm", "partial_overlaps.dcm")]
    sts = shared / "sts_ct_pet_mr_rtstruct" / "STS_002"
    return [*found, *sorted(path for path in sts.rglob("*.dcm") if path.parent.name == "mask")]


BESIDE = {
    "outlines": (
        "qin_prostate_pcampmri00001_adc_seg/ADC", "dcmqi_seg_sr_pm/ct-3slice",
        "sts_ct_pet_mr_rtstruct/STS_002/CT/image",
    ),
}  # fmt: skip


def own_identity(path: Path, number: int) -> bytes:
    """A file's bytes with a SOPInstanceUID of its own, or copies would be refused as such."""
    uid = str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID).encode()
    return path.read_bytes().replace(uid, uid[:-3] + b"%03d" % number)


def break_it(data: bytes, chance: random.Random) -> bytes:
    """Flip some bits, mostly in the first kilobytes, where the header is; or cut the end off."""
    broken = bytearray(data)
    if chance.random() < 0.3:
        return bytes(broken[: chance.randrange(len(broken))])
    reach = len(broken) if chance.random() < 0.4 else min(len(broken), 4096)
    for _ in range(chance.choice((1, 2, 8, 40))):
        broken[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [images, outlines, reports, maps, cines, waveforms])
def test_broken_files_have_one_status_each(
    kind: Callable[[Path], list[Path]], shared_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    chance = random.Random(SEED)
    valid = kind(shared_data)
    for number in range(500):
        data = own_identity(valid[number % len(valid)], number)
        (folder / f"{number:03}.dcm").write_bytes(break_it(data, chance))
    for number, path in enumerate(valid):
        shutil.copy(path, folder / f"good-{number}-{path.name}")
    for name in BESIDE.get(kind.__name__, ()):
        shutil.copytree(shared_data / name, folder / name)
    result = ingest(folder, tmp_path / "s.onco")
    counts = Counter(row["path"] for row in result.files)
    assert set(counts) == {str(path) for path in folder.rglob("*") if path.is_file()}
    assert set(counts.values()) == {1}
    for row in result.files:
        assert row["status"] in ("ingested", "referenced") or row["reason"], row
    print(kind.__name__, Counter(row["status"] for row in result.files))  # noqa: T201
    store = explorer.open(tmp_path / "s.onco")
    assert verify(store).ok


@pytest.mark.slow
def test_broken_records_have_one_status_a_file(shared_data: Path, tmp_path: Path) -> None:
    """WFDB: of 500 copies of a real record, 1,920 samples long, one of three files is broken."""
    chance = random.Random(SEED)
    source = shared_data / "ptb_ecg"
    header = (source / "s0010_re.hea").read_bytes().replace(b" 38400", b" 1920")
    dat = (source / "s0010_re.dat").read_bytes()[: 12 * 1920 * 2]
    xyz = (source / "s0010_re.xyz").read_bytes()[: 3 * 1920 * 2]
    folder = tmp_path / "patient"
    folder.mkdir()
    for number in range(501):  # the first one stays whole
        name = f"r{number:03}"
        whole = {"hea": header.replace(b"s0010_re", name.encode()), "dat": dat, "xyz": xyz}
        chosen = chance.choice(("hea", "hea", "dat")) if number else ""
        for suffix, data in whole.items():
            made = break_it(data, chance) if suffix == chosen else data
            (folder / f"{name}.{suffix}").write_bytes(made)
    result = ingest(folder, tmp_path / "s.onco")
    counts = Counter(row["path"] for row in result.files)
    assert set(counts) == {str(path) for path in folder.iterdir()}
    assert set(counts.values()) == {1}
    for row in result.files:
        assert row["status"] in ("ingested", "referenced") or row["reason"], row
    print("wfdb", Counter(row["status"] for row in result.files))  # noqa: T201
    patient = explorer.open(tmp_path / "s.onco")["patient"]
    assert patient.waveforms["r000"].shape == (15, 1920)
