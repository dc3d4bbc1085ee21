"""A folder as people have them: real files of all kinds, and faults among them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from explorer.errors import NotFoundError
from explorer.sample import sample_zips

# Made up for this folder, and marked so in its name: no real patient's values.
_VISITS = """patient_id,visit_date,weight_kg,ecog,note
STS_002,2006-01-02,81.5,1,=HYPERLINK("http://example.invalid")
STS_002,2006-13-45,80.0,1,
CMB-CRC-MSB-06489,1959-12-10,seventy,0,<b>seen</b>
CMB-CRC-MSB-06489,1960-04-15,69.5,NA,
"""
# Real: how the public index of the Imaging Data Commons calls the patient of MSB-06489.zip.
_INDEX = """PatientID,collection_id,PatientAge,PatientSex
MSB-06489,cmb_crc,,
"""


def mixed_folder(place: str | Path) -> Path:
    """Make a folder of mixed files from the bundled patients, faults included.

    Real: CT, PET, MR and outlines of STS_002, two MR of CMB-CRC-MSB-06489 in a zip within a tar,
    a pathology report, clinical rows. Made up, and named so: ``visits_synthetic.csv`` and the
    files below ``faults``.

    Parameters
    ----------
    place : path
        A new folder, or an empty one.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    NotFoundError
        The folder holds something, or the bundled patients are not here.
    """
    folder = Path(place)
    if folder.is_dir() and any(folder.iterdir()):
        raise NotFoundError(f"The folder {folder} is not empty", do="name a new one")
    zips = {path.stem: path for path in sample_zips()}
    for name in ("scanner", "outside", "clinical", "faults"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("STS_002", "TCGA-BP-5195"):
        with zipfile.ZipFile(zips[name]) as archive:
            archive.extractall(folder / ("scanner" if name == "STS_002" else "clinical"))
    with tarfile.open(folder / "outside" / "second_hospital.tar.gz", "w:gz") as outer:
        outer.add(zips["MSB-06489"], "disc 1/MSB-06489.zip")
    (folder / "outside" / "index.csv").write_text(_INDEX, "utf-8")
    (folder / "clinical" / "visits_synthetic.csv").write_text(_VISITS, "utf-8")
    _faults(folder)
    return folder


def _faults(folder: Path) -> None:
    slices = sorted((folder / "scanner" / "STS_002" / "CT").rglob("*.dcm"))
    whole = slices[0].read_bytes()
    faults = folder / "faults"
    (faults / "cut_short.dcm").write_bytes(whole[: len(whole) // 3])
    (faults / "page.dcm").write_text("<html><script>alert(1)</script></html>", "utf-8")
    (faults / "empty.nii.gz").write_bytes(b"")
    (faults / "half.nii.gz").write_bytes(b"\x1f\x8b\x08\x00" + bytes(20))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../outside_of_the_folder.txt", "must not be written")
    (faults / "leads_out.zip").write_bytes(buffer.getvalue())
