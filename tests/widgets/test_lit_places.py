from __future__ import annotations

from explorer.patient import Patient
from widgets.lattice import Lattice
from widgets.lit_places import lit_places


def test_only_what_lies_on_the_image(sarcoma: Patient) -> None:
    ct, pet = sarcoma.images["CT"], sarcoma.images["PT"]
    lattice = Lattice(ct.affine, ct.shape, ct.slice_origins)
    mine = f"onco:{sarcoma.key}/images/{ct.id}"
    found = lit_places(
        [
            f"{mine}#voxel=1,2,3",
            f"{mine}#voxel=1000,2,3",
            f"{mine}#box=0:2,0:4,0:6",
            f"onco:{sarcoma.key}/images/{pet.id}#voxel=0,0,0",
            f"onco:{sarcoma.key}/images/nowhere#voxel=0,0,0",
            "onco:somebody/images/else#voxel=1,2,3",
            f"onco:{sarcoma.key}/segmentations/s#label=GTV",
            f"onco:{sarcoma.key}/segmentations/s",
            f"onco:{sarcoma.key}/reports/r#chars=1:4",
        ],
        ct,
        lattice,
    )
    assert found.voxels[:2] == [[1, 2, 3], [1, 2, 3]]
    assert list(found.boxes.values()) == [[[0, 2], [0, 4], [0, 6]]]
    assert found.segments == [("s", "GTV"), ("s", None)]
