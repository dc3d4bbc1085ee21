"""A store of each released format still opens, with everything in it."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path

import pytest

import explorer
from explorer.compact import compact
from explorer.draft import Code
from explorer.layout import ALL_TABLES, RECORDS, VERSION, lock_path, repository_path, table_path
from explorer.records_draft import RecordsDraft
from explorer.verify import verify

STORES = Path(__file__).parent / "format"


def _check(store: explorer.Store, version: int = VERSION) -> None:
    assert list(store) == ["Anna", "Berta", "Clara"][: 2 if version == 1 else 3]
    if version >= 2:
        _check_2(store)
    if version >= 3:
        _check_3(store["Clara"])
    if version >= 4:
        _check_4(store)
    anna = store["Anna"]
    assert anna.history()["message"].tolist() == ["the rest", "the image"]
    image = anna.images["CT"]
    assert image.data.values[0].ravel().tolist() == [float(v - 10) for v in range(12)]
    assert image.data.values[1].ravel().tolist() == [float(2 * v - 10) for v in range(12, 24)]
    assert image.data.z.values.tolist() == [30, 35]
    assert (image.units, image.day, image.value_dtype) == ("HU", 9, "float32")
    seg = anna.segmentations["SEG"]
    assert seg.codes == {"lesion": Code("108369006", "SCT", "Neoplasm")}
    assert seg.mask("lesion").values.ravel().tolist() == [v % 5 == 0 for v in range(24)]
    assert seg.image == image.id
    assert anna.facts["state"].tolist() == ["present", "withheld"]
    assert anna.reports["r-1"].text == "no lesion"
    assert anna.files["status"].tolist() == ["ingested"]
    assert not anna.at(1).segmentations
    assert anna.at(1).images["CT"].data.shape == (2, 3, 4)
    assert store["Berta"].facts["value"].tolist() == ["I"]
    assert verify(store).ok


def _check_2(store: explorer.Store) -> None:
    clara = store["Clara"]
    ecg = clara.waveforms["ECG"]
    assert ecg.data.values.tolist() == [[0.0, 0.5, 1.0], [7.0, 9.0, 11.0]]
    assert ecg.data.sel(channel="II").values.tolist() == [7.0, 9.0, 11.0]
    assert ecg.data[0, 1:].values.tolist() == [0.5, 1.0]
    assert ecg.data.time.values.tolist() == [0.0, 0.01, 0.02]
    slide = clara.slides["SM"]
    assert [level.shape for level in slide.levels] == [(200, 400), (100, 200)]
    assert slide.thumbnail.shape == (2, 4, 3)
    html = clara._repr_html_()
    assert all(part in html for part in ("sm-00000001", "cisplatin", "rna"))
    fact = clara.facts.iloc[0]
    assert (fact["number"], fact["source"], fact["row"], fact["origin"]) == (
        61.0, "/data/t.csv", 1, "table-00000001",
    )  # fmt: skip
    assert clara.events[["kind", "day", "day_state"]].values.tolist() == [
        ["treatment", 2, "present"]
    ]
    assert "images/x" in clara.observations["target"].tolist()
    assert clara.vectors["rna"].dropna().to_dict() == {"TP53": 1.0}
    assert clara.reports["text-00000001"].text == "no lesion"
    assert set(clara.tree["/records"].children) >= {"facts", "events", "observations", "vectors"}
    assert store.sql("select count(*) n from events join features on true")["n"].tolist() == [1]


def _check_3(clara: explorer.Patient) -> None:
    assert clara.findings[["text", "assertion"]].values.tolist() == [["lesion", "absent"]]
    assert clara.findings["anatomy"].tolist() == [["liver"]]
    assert clara.groundings["status"].tolist() == ["abstained"]
    assert clara.verdicts["evidence"].tolist() == [["reports/text-00000001#chars=3:9"]]
    assert clara.derived("nodes")["name"].tolist() == ["2"]
    assert sorted(clara.derived("nodes", every=True)["name"]) == ["1", "2"]
    assert clara.derived("edges")["kind"].tolist() == ["located_at"]
    assert clara.derived("runs")["version"].tolist() == ["2"]
    lengths = clara.observations.query("name == 'length'")
    assert lengths["number"].tolist() == [2.0]


def _check_4(store: explorer.Store) -> None:
    assert [one.name for one in store.cohorts()] == ["trial"]
    frozen = store.cohort("trial")
    assert (list(frozen.labels.values()), frozen.note) == (["Anna", "Berta"], "synthetic")
    assert [step["reason"] for step in frozen.steps] == ["by hand: 2 patients"]
    assert frozen["Anna"].images["CT"].data.shape == (2, 3, 4)
    assert frozen.verify().complete
    parts = store.records.read("parts").to_pylist()
    assert [(row["patient"], row["part"]) for row in parts] == [
        (store["Anna"].key, "train"), (store["Berta"].key, "test"),
    ]  # fmt: skip
    assert store.records.read("splits")["cohort"].to_pylist() == [frozen.id]


@pytest.mark.parametrize("path", sorted(STORES.glob("version-*.zip")), ids=lambda path: path.stem)
def test_a_store_of_each_format_opens_and_can_be_written_to(path: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "s")
    store = explorer.open(tmp_path / "s")
    version = int(path.stem.partition("-")[2])
    assert store.version == version
    _check(store, version)
    with store.transaction("later") as t:
        t.drop(store["Anna"].key, "ct-00000001")
    compact(store, grace_s=0)
    assert not store["Anna"].images
    assert store["Anna"].at(2).images["CT"].data.shape == (2, 3, 4)
    if version >= 4:
        _check_4(store)
    assert store.cohort().freeze("of today").verify().complete
    again = explorer.open(tmp_path / "s")
    assert again.version == VERSION
    with again.transaction("of the present format") as t:
        t.put_records(t.patient("Dora"), RecordsDraft("t-1", "t", [], events=[{"kind": "visit"}]))
    assert again["Dora"].events["kind"].tolist() == ["visit"]
    assert again["Anna"].at(2).facts["state"].tolist() == ["present", "withheld"]


def test_the_present_format_has_its_store() -> None:
    assert (STORES / f"version-{VERSION}.zip").is_file()


def test_what_is_written_today_is_the_same(store: explorer.Store) -> None:
    spec = importlib.util.spec_from_file_location("make_store", STORES / "make_store.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    maker.fill(store)
    _check(store)


def test_where_things_lie(store: explorer.Store) -> None:
    about = json.loads((store.path / "oncograph.json").read_text())
    assert (about["format"], about["version"]) == ("oncograph", VERSION)
    assert sorted(p.name for p in (store.path / "tables").iterdir()) == sorted(
        f"{name}.lance" for name in ALL_TABLES
    )
    place = Path("s")
    assert table_path(place, "items") == Path("s/tables/items.lance")
    assert repository_path(place, "k") == Path("s/patients/k")
    assert lock_path(place, "k") == Path("s/locks/k.lock")
    assert all(schema.names[:3] == ["patient", "commit", "came_as"] for schema in RECORDS.values())
