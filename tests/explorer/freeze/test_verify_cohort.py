"""`verify` of a frozen cohort finds what was changed, what is missing, and who was erased."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.compact import compact
from explorer.erase import erase
from explorer.join import join
from explorer.layout import repository_path
from explorer.materialize import materialize
from explorer.pack import pack
from explorer.purge import delete_rows
from explorer.unjoin import unjoin
from explorer.unpack_patient import unpack_patient

Put = Callable[..., explorer.Patient]


@pytest.fixture
def frozen(put: Put, drafts: Any, store: explorer.Store) -> Any:
    put("Anna", drafts.image(), drafts.segmentation())
    with store.transaction("facts") as t:
        for name in ("Berta", "Clara"):
            t.add_facts(t.patient(name, synthetic=True), [{"name": "stage", "value": "II"}])
    return store.cohort().freeze("trial")


def found(store: explorer.Store) -> list[tuple[Any, str]]:
    return [(one["patient"], one["found"]) for one in store.cohort("trial").verify().faults]


def test_rows_that_were_changed_or_are_gone(frozen: Any, store: explorer.Store) -> None:
    data, key = store.records.dataset("facts"), store["Berta"].key
    data.update({"value": "'IV'"}, where=f"patient = '{key}'")
    assert found(store) == [("Berta", "changed: it is not what was frozen")]
    data.update({"value": "'II'"}, where=f"patient = '{key}'")
    assert found(store) == []
    delete_rows(store.records, "commits", f"patient = '{key}'")
    assert found(store) == [(None, "version 1 is missing from the store")]
    delete_rows(store.records, "members", f"patient = '{key}'")
    assert found(store) == [(None, "the list of members is not the one that was frozen")]


def test_chunks_that_were_changed_or_are_gone(frozen: Any, store: explorer.Store) -> None:
    chunks = repository_path(store.path, store["Anna"].key) / "chunks"
    for path in chunks.rglob("*") if chunks.exists() else ():
        path.unlink()
    snapshots = repository_path(store.path, store["Anna"].key) / "manifests"
    for path in snapshots.iterdir():
        path.write_bytes(b"x" * path.stat().st_size)
    said = found(explorer.open(store.path))
    assert {label for label, _ in said} == {"Anna"}
    assert all(words.startswith(("cannot be read", "changed")) for _, words in said)


def test_it_outlives_joins_packs_and_erasures(
    frozen: Any, store: explorer.Store, tmp_path: Path
) -> None:
    key, anna = store["Clara"].key, store["Anna"].key
    join(store, key, anna, "one person")
    assert store.cohort("trial").verify().complete
    assert store.cohort("trial")["Clara"].key == key
    unjoin(store, key, "they are two")
    pack(store, "Anna", tmp_path / "a.onco.zip")
    unpack_patient(tmp_path / "a.onco.zip", store)
    materialize(store)
    compact(store, grace_s=0, expire_before="2999-01-01")
    assert store.cohort("trial").verify().complete
    join(store, key, anna, "one person after all")
    erase(store, anna)
    compact(store, grace_s=0, expire_before="2999-01-01")
    again = store.cohort("trial")
    result = again.verify()
    assert (result.faults, len(result.erased), result.patients) == ([], 2, 1)
    assert list(again.labels.values()) == ["Berta"]
    assert "2 erased since" in repr(again)


def test_another_process_and_a_copy_of_the_store(
    frozen: Any, store: explorer.Store, drafts: Any, tmp_path: Path
) -> None:
    for path in drafts.folder.iterdir():
        path.unlink()
    copy = tmp_path / "copy"
    shutil.copytree(store.path, copy)
    shutil.rmtree(store.path)
    code = (
        "import explorer, sys; one = explorer.open(sys.argv[1]).cohort('trial');"
        "assert one.verify().complete;"
        "print(one.digest, one['Anna'].images['CT'].data.values.sum())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(copy)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [frozen.digest, "276"]


def test_pickled(frozen: Any) -> None:
    again = pickle.loads(pickle.dumps(frozen))
    assert (again.id, again.keys, again.digest) == (frozen.id, frozen.keys, frozen.digest)


def test_the_command(frozen: Any, store: explorer.Store) -> None:
    run = CliRunner().invoke
    done = run(app, ["verify", str(store.path), "--cohort", "trial", "--json"])
    document = json.loads(done.stdout)
    assert (done.exit_code, document["ok"], document["patients"]) == (0, True, 3)
    assert document["digest"] == frozen.digest
    erase(store, "Berta")
    store.records.dataset("facts").update({"value": "'[b]'"}, where="value = 'II'")
    done = run(app, ["verify", str(store.path), "--cohort", "trial"])
    assert done.exit_code == 1
    assert all(words in done.stdout for words in ("Clara", "changed", "erased on 20"))
    assert run(app, ["verify", str(store.path), "--cohort", "x", "--patient", "y"]).exit_code == 2
    assert run(app, ["verify", str(store.path), "--cohort", "none"]).exit_code != 0
