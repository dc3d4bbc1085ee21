"""De-identified: everything resolves, measures and lasts as before, and nobody is named."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

import explorer
from explorer.deidentify import forget_key
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.layout import ALL_TABLES
from explorer.patient import Patient
from explorer.privacy.secret import NAME, Secret
from explorer.store import Store

STS = ("STS_002", "STS_003", "STS_008")


@pytest.fixture(scope="module")
def sts(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """Three real patients with CT, PET, MR and their structure sets: plain and de-identified."""
    folder = tmp_path_factory.mktemp("stores")
    sources = [shared_data / "sts_ct_pet_mr_rtstruct" / name for name in STS]
    ingest(sources, folder / "plain")
    ingest(sources, folder / "deid", deidentify=True)
    return explorer.open(folder / "plain"), explorer.open(folder / "deid")


def both(
    stores: tuple[Store, Store],
) -> Iterator[tuple[Patient, Patient]]:
    secret = Secret.of(stores[1].path / NAME)
    for name in STS:
        yield stores[0][name], stores[1][secret.pseudonym(name)]


@pytest.mark.slow
def test_values_masks_and_places_are_equal_voxel_for_voxel(
    sts: tuple[Store, Store],
) -> None:
    assert len(sts[1]) == 3
    for plain, hidden in both(sts):
        for modality in ("CT", "MR", "PT"):
            one, two = plain.images[modality], hidden.images[modality]
            np.testing.assert_array_equal(one.data.values, two.data.values)
            np.testing.assert_array_equal(one.affine, two.affine)
            assert (one.units, one.storage, two.storage) == (two.units, "referenced", "copied")
        assert len(plain.segmentations) == len(hidden.segmentations) == 3
        masks = {plain.images[s.image].modality: s for s in plain.segmentations.values() if s.image}
        for segmentation in hidden.segmentations.values():
            assert segmentation.image is not None
            other = masks[hidden.images[segmentation.image].modality]
            assert segmentation.labels == other.labels
            np.testing.assert_array_equal(np.asarray(segmentation.stored), np.asarray(other.stored))


@pytest.mark.slow
def test_days_between_items_are_equal_and_dates_are_not(
    sts: tuple[Store, Store],
) -> None:
    for plain, hidden in both(sts):
        dates = []
        for patient in (plain, hidden):
            rows = sorted(patient.rows("items"), key=lambda row: (row["acquired"], row["kind"]))
            dates.append([date.fromisoformat(row["acquired"]) for row in rows])
        gaps = [{(b - a).days for a, b in zip(*dates, strict=True)}]
        assert len(gaps[0]) == 1
        (shift,) = gaps[0]
        assert -3652 <= shift <= -1
        assert sorted(r["day"] for r in plain.rows("items")) == sorted(
            r["day"] for r in hidden.rows("items")
        )


@pytest.mark.slow
def test_items_say_what_was_done(sts: tuple[Store, Store]) -> None:
    _, hidden = next(both(sts))
    meta = json.loads(hidden.rows("items")[0]["meta"])["deidentified"]
    assert meta["patient_identity_removed"] == "YES"
    assert meta["codes"][0] == "113100 DCM Basic Application Confidentiality Profile"
    assert "STS_002" not in json.dumps([hidden.rows("items"), hidden.rows("files")])


@pytest.mark.slow
def test_again_changes_nothing_and_verify_agrees(
    sts: tuple[Store, Store], shared_data: Path
) -> None:
    sources = [shared_data / "sts_ct_pet_mr_rtstruct" / name for name in STS]
    result = ingest(sources, sts[1], deidentify=True)
    assert not result.changed
    assert result.counts["skipped"] == 419
    from explorer.verify import verify

    assert verify(sts[1]).ok
    assert not any((sts[1].path / "scratch").iterdir())
    if hasattr(stat, "S_IRUSR"):
        assert stat.S_IMODE((sts[1].path / NAME).stat().st_mode) == 0o600


def test_segmentation_and_report_keep_their_references(shared_data: Path, tmp_path: Path) -> None:
    """The SR and RWVM of dcmqi name the SEG, the SEG its images: so do their copies."""
    from explorer.deidentify import Deidentification, deidentify

    folder = shared_data / "dcmqi_seg_sr_pm" / "sr-example"
    how = Deidentification(Secret(b"s" * 32), tmp_path, tmp_path)
    before, after = {}, {}
    for name in ("seg", "sr", "rwvm"):
        done = deidentify(folder / f"{name}.dcm", tmp_path / f"{name}.dcm", how, {})
        before[name] = pydicom.dcmread(folder / f"{name}.dcm")
        after[name] = pydicom.dcmread(done.path)

    def named(dataset: Dataset) -> list[str]:
        return [e.value for e in dataset.iterall() if e.keyword == "ReferencedSOPInstanceUID"]

    for name in before:
        assert named(after[name]) == [how.secret.uid(uid) for uid in named(before[name])]
        assert not set(named(before[name])) & set(named(after[name]))
        assert after[name].PatientIdentityRemoved == "YES"
    assert after["seg"].SOPInstanceUID in named(after["sr"])
    assert after["seg"].PixelData == before["seg"].PixelData
    numbers = [
        [str(e.value) for e in d.iterall() if e.keyword == "NumericValue"]
        for d in (before["sr"], after["sr"])
    ]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) > 3
    codes = [
        [str(e.value) for e in d.iterall() if e.keyword == "CodeValue"]
        for d in (before["sr"], after["sr"])
    ]
    # but for the observer's name, which is taken out as a whole
    kept = [code for code in codes[0] if code != "121008"]
    assert [code for code in codes[1] if not code.startswith("1131")] == kept


def test_a_seg_lands_on_its_image(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "qin_prostate_pcampmri00001_adc_seg"
    ingest(folder, tmp_path / "plain")
    ingest(folder, tmp_path / "deid", deidentify=True)
    found = []
    for name in ("plain", "deid"):
        store = explorer.open(tmp_path / name)
        patient = store[next(iter(store))]
        (segmentation,) = patient.segmentations.values()
        assert segmentation.image in patient.images
        found.append(segmentation)
    np.testing.assert_array_equal(np.asarray(found[0].stored), np.asarray(found[1].stored))
    assert len(found[1].labels) == len(found[0].labels)


def slice_of(
    place: Path, number: int, *, identifier: str = "MRN-4711", day: str = "20200115", **more: str
) -> Dataset:
    """A made-up CT slice of Erika Mustermann."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"1.2.3.4.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.2.3.{day}", f"1.2.3.{day}.1"
    dataset.FrameOfReferenceUID = "1.2.3.9"
    dataset.PatientID, dataset.PatientName = identifier, "Mustermann^Erika^^Dr"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19260303", "F", "093Y"
    dataset.AccessionNumber, dataset.StudyDate = "ACC-998877", day
    dataset.AcquisitionDate, dataset.Modality = day, "CT"
    dataset.SeriesDescription = "CT chest Mustermann axial"
    dataset.Rows = dataset.Columns = 4
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 15, 0, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 1
    dataset.ImagePositionPatient = [0, 0, number]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelData = np.full((4, 4), number, "<u2").tobytes()
    for name, value in more.items():
        setattr(dataset, name, value)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        CTImageStorage, dataset.SOPInstanceUID)  # fmt: skip
    dataset.file_meta = meta
    place.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(place, enforce_file_format=True)
    return dataset


def test_a_later_ingest_of_the_same_patient_fits(tmp_path: Path) -> None:
    # a first visit today, the second one 31 days later, ingested another time from elsewhere
    for n in range(3):
        slice_of(tmp_path / "a" / "Mustermann" / f"{n}.dcm", n)
        slice_of(tmp_path / "b" / f"{n}.dcm", 10 + n, day="20200215")
    ingest(tmp_path / "a", tmp_path / "s", deidentify=True, issuer="City Hospital")
    first = explorer.open(tmp_path / "s")
    (label,) = first
    ingest(tmp_path / "b", tmp_path / "s", deidentify=True, issuer="City Hospital")
    store = explorer.open(tmp_path / "s")
    assert list(store) == [label]
    days = sorted(image.day for image in store[label].images.values())
    assert days == [0, 31]
    assert store[label].attributes["birth_date"] is None
    assert store[label].attributes["sex"] == "F"
    assert "City Hospital" not in repr(store.records.read("aliases").to_pylist())
    (name,) = {image.name for image in store[label].images.values()}
    assert name == "CT chest axial"


def test_an_age_over_89_is_90(tmp_path: Path) -> None:
    from explorer.deidentify import Deidentification, deidentify

    how = Deidentification(Secret(b"s" * 32), tmp_path, tmp_path)
    for said, kept in (("093Y", "090Y"), ("089Y", "089Y"), ("011M", "011M"), ("1100M", "")):
        slice_of(tmp_path / "x.dcm", 1, PatientAge=said)
        done = deidentify(tmp_path / "x.dcm", tmp_path / "y.dcm", how, {})
        assert pydicom.dcmread(done.path).PatientAge == kept


def test_pixels_and_faces_are_flagged_not_claimed(tmp_path: Path) -> None:
    for n in range(3):
        slice_of(tmp_path / "a" / f"{n}.dcm", n, BodyPartExamined="HEAD")
        other = {"SeriesInstanceUID": "1.2.9", "StudyInstanceUID": "1.2.8"}
        said = {"BurnedInAnnotation": "YES", "BodyPartExamined": "CHEST"}
        slice_of(tmp_path / "a" / f"b{n}.dcm", 20 + n, identifier="B", **other, **said)
    ingest(tmp_path / "a", tmp_path / "s", deidentify=True)
    store = explorer.open(tmp_path / "s")
    problems = sorted(
        problem
        for label in store
        for image in store[label].images.values()
        for problem in image.problems
    )
    assert "the face can be reconstructed" in problems
    assert "pixels may hold burned-in text: BurnedInAnnotation is YES" in problems
    result = ingest(tmp_path / "a", tmp_path / "t", deidentify=True, refuse_burned_in=True)
    assert result.counts["refused"] == 3
    assert result.refused[0]["reason"].startswith("pixels may hold burned-in text")


def test_a_forgotten_key_leads_nowhere(tmp_path: Path) -> None:
    slice_of(tmp_path / "a" / "1.dcm", 1)
    ingest(tmp_path / "a", tmp_path / "s", deidentify=True)
    (label,) = explorer.open(tmp_path / "s")
    assert forget_key(explorer.open(tmp_path / "s"))
    assert not forget_key(tmp_path / "s")
    with pytest.raises(NotFoundError):
        Secret.of(tmp_path / "s" / NAME)
    ingest(tmp_path / "a", tmp_path / "s", deidentify=True)
    assert len(set(explorer.open(tmp_path / "s")) - {label}) == 1


def test_an_archive_leaves_no_name(tmp_path: Path) -> None:
    import zipfile

    for n in range(3):
        slice_of(tmp_path / f"{n}.dcm", n)
    with zipfile.ZipFile(tmp_path / "Mustermann.zip", "w") as archive:
        for n in range(3):
            archive.write(tmp_path / f"{n}.dcm", f"Mustermann/{n}.dcm")
    result = ingest(tmp_path / "Mustermann.zip", tmp_path / "s", deidentify=True)
    assert result.counts["ingested"] == 3
    store = explorer.open(tmp_path / "s")
    assert "Mustermann" not in repr(result.document()) + repr(store.files().to_dict())
    assert sorted(Path(one).name for one in result.sources.values()) == ["0.dcm", "1.dcm", "2.dcm"]
    again = ingest(tmp_path / "Mustermann.zip", store, deidentify=True)
    assert not again.changed


def test_generated_uids_are_valid() -> None:
    uid = Secret(b"u" * 32).uid(generate_uid())
    assert pydicom.uid.UID(uid).is_valid
    assert len(uid) <= 64


REPORT = """CT CHEST, 15 January 2020
Patient: Erika Mustermann, born 3 March 1926, MRN-4711, accession ACC-998877.
93-year-old woman. Comparison: CT of 12/31/2019. Nodule 12 mm in the right upper lobe.
Reported by A. Other on 2020-01-16. Call +49 89 1234567.
"""


def test_reports_and_tables_lose_the_names_that_the_headers_say(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    for n in range(3):
        slice_of(folder / "MRN-4711" / f"{n}.dcm", n)
    (folder / "MRN-4711" / "Mustermann.txt").write_text(REPORT)
    (folder / "clinical.csv").write_text(
        "patient_id,last_name,city,age,date_of_diagnosis,stage,remark\n"
        "MRN-4711,Mustermann,Munich,93,2020-01-10,II,Frau Mustermann doing well since 2020-01-20\n"
        "MRN-5,Beispiel,Berlin,61,2019-05-01,III,\n"
    )
    # a known key, with shifts of years: no shifted date is by chance the one that was written
    explorer.open(tmp_path / "s", create=True)
    (tmp_path / "s" / NAME).write_text("5a" * 32 + "\n")
    result = ingest(folder, tmp_path / "s", deidentify=True)
    assert result.counts["refused"] == 0, result.files
    store = explorer.open(tmp_path / "s")
    secret = Secret.of(store.path / NAME)
    who = secret.pseudonym("MRN-4711")
    assert sorted(store) == sorted([who, secret.pseudonym("MRN-5")])
    patient = store[who]
    shift = secret.shift(who)

    def moved(day: str) -> str:
        return str(np.datetime64(day) + shift)

    (text,) = [row["text"] for row in patient.rows("texts") if "CHEST" in row["text"]]
    assert text.splitlines() == [
        f"CT CHEST, [DATE {moved('2020-01-15')}]",
        "Patient: [NAME] [NAME], born [BIRTH DATE], [ID], accession [ID].",
        f"[AGE 90+]-year-old woman. Comparison: CT of [DATE {moved('2019-12-31')}]. "
        "Nodule 12 mm in the right upper lobe.",
        f"Reported by A. Other on [DATE {moved('2020-01-16')}]. Call [PHONE].",
    ]
    assert [image.acquired for image in patient.images.values()] == [moved("2020-01-15")]
    everything = repr([store.records.read(table).to_pylist() for table in ALL_TABLES])
    for told in ("Mustermann", "Erika", "MRN-4711", "ACC-998877", "1926-03", "19260303", "Munich",
                 "Beispiel", "2020-01", "2019-05", str(tmp_path)):  # fmt: skip
        assert told not in everything, told
    assert moved("2020-01-10") in everything
    reasons = [str(row["reason"]) for row in store.files().to_dict("records")]
    assert sum("free text not proven clean" in reason for reason in reasons) == 2
    assert sum("columns left out: " in reason for reason in reasons) == 1
    assert not ingest(folder, tmp_path / "s", deidentify=True).changed


def test_texts_of_several_patients_in_one_folder_stay_apart(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(1, 9):
        (folder / f"patient_{number:03}.txt").write_text(f"Seen on 2020-01-0{number}: nodule.")
    (tmp_path / "Doe_77" / "notes").mkdir(parents=True)
    (tmp_path / "Doe_77" / "notes" / "a.txt").write_text("CT on 2020-01-05 and 2020-01-15.")
    result = ingest([folder, tmp_path / "Doe_77"], tmp_path / "s", deidentify=True)
    assert result.counts["ingested"] == 9
    store = explorer.open(tmp_path / "s")
    assert len(store) == 9
    (text,) = [
        row["text"] for label in store for row in store[label].rows("texts") if "CT" in row["text"]
    ]
    one, two = (date.fromisoformat(day[:10]) for day in text.split("[DATE ")[1:])
    assert (two - one).days == 10
