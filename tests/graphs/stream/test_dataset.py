"""Patches: what they hold, who gets them, in which order, and where one goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphs
from explorer.address import Address
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.errors import NotFoundError, OncographError
from explorer.store import Store, open_store

torch = pytest.importorskip("torch")
from torch.utils.data import DataLoader  # noqa: E402 - torch may be missing

from graphs.stream.order import Order  # noqa: E402

SHAPE = (20, 24, 22)
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
PATCH = (8, 8, 8)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three patients: a CT each, a PET of the first, lesions in two; one is smaller than most."""
    store = open_store(tmp_path_factory.mktemp("stream") / "patients.onco", create=True)
    rng = np.random.default_rng(0)
    for number, shape in enumerate((SHAPE, SHAPE, (5, 24, 22))):
        values = rng.integers(-1000, 1000, shape).astype(np.int16)
        lesion = np.zeros(shape, bool)
        lesion[2:4, 10:13, 3:6] = True
        common: dict[str, Any] = {
            "affine": AFFINE, "sources": [], "synthetic": True, "name": "made up",
            "frame_of_reference": f"1.{number}",
        }  # fmt: skip
        drafts: list[Any] = [
            ImageDraft(
                item="ct-1",
                modality="CT",
                dims=("z", "y", "x"),
                shape=shape,
                dtype=values.dtype,
                load=lambda v=values: v,
                units="HU",
                **common,
            )
        ]
        if number == 0:
            drafts.append(
                ImageDraft(
                    item="pt-1",
                    modality="PT",
                    dims=("z", "y", "x"),
                    shape=shape,
                    dtype=np.dtype("f4"),
                    load=lambda v=values: v.astype("f4"),
                    **common,
                )
            )
        if number < 2:
            drafts.append(
                SegmentationDraft(
                    item="seg-1",
                    modality="SEG",
                    shape=shape,
                    image="ct-1",
                    segments=[SegmentDraft(1, "lesion"), SegmentDraft(2, "rest")],
                    load=lambda k, m=lesion: ~m if k else m,
                    **common,
                )
            )
        with store.transaction("made up") as t:
            key = t.patient(f"P{number}", synthetic=True)
            for draft in drafts:
                t.put(key, draft, copy=True)
    return store


def stream(store: Store, **options: Any) -> Any:
    given = {"patch": PATCH, "batch": 2, "per_volume": 5, **options}
    return graphs.dataset(store.cohort(), **given)


def numbers(batches: Any) -> list[list[int]]:
    return [batch["number"].tolist() for batch in batches]


def test_a_patch_is_that_of_its_address(made_up: Store) -> None:
    for sample in stream(made_up, masks=["lesion"]):
        target = Address.parse(sample["address"]).resolve(made_up)
        box = sample["box"].numpy()
        image = target.patient.images["CT"].data.values
        inside = [(max(a, 0), min(b, n)) for (a, b), n in zip(box, image.shape, strict=True)]
        assert Address.parse(sample["address"]).fragment["box"] == tuple(inside)
        part = image[tuple(slice(a, b) for a, b in inside)]
        found = sample["CT"][0].numpy()
        spot = [slice(a - c, b - c) for (a, b), (c, _) in zip(inside, box, strict=True)]
        np.testing.assert_array_equal(found[tuple(spot)], part)
        assert (found == -1024).sum() >= found.size - part.size
        assert sample["CT"].shape == (1, *PATCH)
        np.testing.assert_allclose(sample["affine"][:3, 3], AFFINE[:3, :3] @ box[::-1, 0])
        assert sample["synthetic"]
        there = bool(target.patient.segmentations)
        assert sample["masks_present"].tolist() == [there]
        assert sample["masks"].dtype == torch.bool


def test_a_modality_that_is_not_there_is_said_to_be_absent(made_up: Store) -> None:
    seen = set()
    for sample in stream(made_up, modalities=("CT", "PT")):
        first = made_up[sample["patient"]].label == "P0"
        assert sample["present"].tolist() == [True, first]
        assert sample["state"]["PT"] == ("present" if first else "absent: no such image")
        assert bool(sample["PT"].any()) == first
        seen.add(first)
    assert seen == {True, False}


def test_a_modality_that_was_not_materialized_is_no_absence(made_up: Store) -> None:
    training = made_up.cohort().materialize(images="CT")
    with pytest.raises(NotFoundError, match="PT was not materialized"):
        stream(made_up, modalities=("CT", "PT"), training=training)


def test_classes_take_equal_turns(made_up: Store) -> None:
    found = stream(made_up, sampling="labels", labels=("lesion", "rest"), per_volume=40)
    why = [sample["drawn_for"] for sample in found]
    assert why.count("uniform") == 40  # the patient without segments
    assert 20 < why.count("lesion") < 60
    masked = stream(made_up, sampling="labels", masks=("lesion",))
    for sample in masked:
        assert sample["masks"].any() == sample["masks_present"].all()
    with pytest.raises(NotFoundError, match="lesion"):
        stream(made_up, masks=("Spleen",))


@pytest.mark.parametrize("overlap", [(0, 0, 0), (3, 2, 7)])
def test_a_grid_covers_everything(made_up: Store, overlap: Any) -> None:
    seen = {one.patient: np.zeros(one.shape, int) for one in made_up.cohort().materialize()}
    for sample in stream(made_up, sampling="grid", overlap=overlap):
        box = sample["box"].clamp(min=0).numpy()
        seen[sample["patient"]][tuple(slice(a, b) for a, b in box)] += 1
    assert all(one.min() >= 1 for one in seen.values())


def test_findings_that_were_grounded_draw_patches(made_up: Store) -> None:
    from explorer.run_draft import RunDraft

    key = made_up["P1"].key
    row = {"grounding": "g1", "finding": "f1", "status": "accepted",
           "target": "images/ct-1#box=2:4,3:6,15:18"}  # fmt: skip
    with made_up.transaction("grounded") as t:
        t.put_run(key, RunDraft("grounding", "test", "1", groundings=[row]))
    made = [sample for sample in stream(made_up, sampling="boxes") if sample["patient"] == key]
    assert {sample["drawn_for"] for sample in made} == {"box"}
    for sample in made:
        assert all(a < n and b > m for (a, b), (m, n) in zip(
            sample["box"].tolist(), [(2, 4), (3, 6), (15, 18)], strict=True))  # fmt: skip


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_patch_goes_to_one_rank_and_one_worker(world: int, workers: int) -> None:
    for epoch in range(3):
        parts = [
            Order(23, 7, rank=rank, world=world, batch=4).of_worker(epoch, 0, worker, workers)
            for rank in range(world)
            for worker in range(workers)
        ]
        assert sorted(np.concatenate(parts).tolist()) == list(range(23))
    even = [Order(23, 7, rank=rank, world=world, even=True) for rank in range(world)]
    assert len({len(one) for one in even}) == 1
    assert all(len(one) == len(one.mine(0)) for one in even)


@pytest.mark.parametrize("threads", [0, 2])
def test_it_goes_on_where_it_was(made_up: Store, threads: int) -> None:
    whole = graphs.loader(stream(made_up), threads=threads)
    first, second = list(whole), list(whole)
    assert numbers(first) != numbers(second)
    begun = graphs.loader(stream(made_up), threads=threads)
    for _, _batch in zip(range(3), begun, strict=False):
        state = begun.state_dict()
    again = graphs.loader(stream(made_up), threads=threads)
    again.load_state_dict(state)
    rest = list(again)
    assert numbers(rest) == numbers(first[3:])
    for one, other in zip(rest, first[3:], strict=True):
        assert torch.equal(one["CT"], other["CT"])
    assert numbers(again) == numbers(second)
    with pytest.raises(OncographError, match="another stream"):
        graphs.loader(stream(made_up, seed=1)).load_state_dict(state)


@pytest.mark.slow
def test_processes_give_the_same_batches_and_go_on(made_up: Store) -> None:
    plain = list(graphs.loader(stream(made_up), threads=0))
    made = graphs.loader(stream(made_up), workers=2)
    state = None
    for number, batch in enumerate(made):
        assert torch.equal(batch["CT"], plain[number]["CT"])
        if number == 2:
            state = made.state_dict()
            break
    again = graphs.loader(stream(made_up), workers=2)
    again.load_state_dict(state)
    assert numbers(again) == numbers(plain[3:])
    # torch's own loader deals out the same
    theirs = DataLoader(
        stream(made_up), batch_size=2, num_workers=2, multiprocessing_context="spawn"
    )
    assert numbers(theirs) == numbers(plain)


def test_a_forked_worker_is_refused_at_once(made_up: Store) -> None:
    forked = DataLoader(
        stream(made_up), batch_size=2, num_workers=1, multiprocessing_context="fork"
    )
    with pytest.raises(Exception, match="was forked"):
        next(iter(forked))
    with pytest.raises(OncographError, match="spawn"):
        graphs.loader(stream(made_up), context="fork")


def test_labels_transforms_and_the_map(made_up: Store) -> None:
    keys = list(made_up.cohort().keys)
    labelled = stream(made_up, task={keys[0]: 1, keys[1]: None}, style="map", transform=dict)
    known = {one["patient"]: one["label_known"].item() for one in labelled}
    assert known == {keys[0]: True, keys[1]: False, keys[2]: False}
    plain = list(stream(made_up))
    assert [one["number"].item() for one in labelled] == [one["number"].item() for one in plain]
    assert "15 patches of 8 x 8 x 8" in repr(labelled)


def test_some_patients_alone(made_up: Store) -> None:
    part = made_up.cohort().among(["P1"])
    assert {one["patient"] for one in graphs.dataset(part, patch=PATCH)} == {made_up["P1"].key}
    with pytest.raises(NotFoundError, match="MR"):
        graphs.dataset(part, modalities=("MR",))


def test_a_preview_is_a_picture(made_up: Store) -> None:
    figure = stream(made_up, modalities=("CT", "PT"), masks=["lesion"]).preview(2)
    assert len(figure.axes) == 4
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_real_patients_stream(bundled: Callable[[str], Store], tmp_path: Path) -> None:
    store = bundled("STS_002")
    made = graphs.dataset(
        store.cohort(), patch=(16, 32, 32), modalities=("CT", "PT"), masks=["GTV"],
        sampling="labels", spacing=(3, 2, 2), per_volume=2,
    )  # fmt: skip
    for batch in graphs.loader(made, 2):
        assert batch["masks"].any()
        assert not batch["synthetic"].any()
        torch.testing.assert_close(batch["spacing"], torch.tensor([[3.0, 2.0, 2.0]] * 2))
