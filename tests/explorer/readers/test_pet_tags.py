from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset

from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import quiet
from explorer.readers.pet_tags import TAGS, PetTags, read_pet_tags


def test_tags_of_sts_002(sts: Path) -> None:
    path = sts / "STS_002" / "PET" / "image" / "000000.dcm"
    with quiet():
        parsed = parse_dicom(path, TAGS)
        assert parsed is not None
        found = read_pet_tags(parsed.dataset)
    assert (found.units, found.suv_type, found.decay_correction) == ("GML", "BW", "ADMIN")
    assert (found.weight_kg, found.dose_bq, found.half_life_s) == (99.0, 433344096.0, 6588.0)
    assert found.injection_datetime == "20060129135100.00"
    assert found.nuclide == ("C-111A1", "18F")
    assert found.injections == 1
    assert {"ATTN", "DECY"} <= set(found.corrected)
    assert found.philips_suv is None


def test_private_elements_are_found_by_their_creator() -> None:
    """A private block may lie anywhere; another creator's elements are not ours."""
    header = Dataset()
    header.private_block(0x7053, "Somebody else", create=True).add_new(0x00, "DS", "9")
    header.private_block(0x7053, "Philips PET Private Group", create=True).add_new(
        0x00, "DS", "0.0005"
    )
    header.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(
        0x0D, "DT", "20200102105500.00"
    )
    found = read_pet_tags(header)
    assert found.philips_suv == 0.0005
    assert found.philips_activity is None
    assert found.ge_scan_datetime == "20200102105500.00"


def test_nothing_is_made_up() -> None:
    assert read_pet_tags(Dataset()) == PetTags()
