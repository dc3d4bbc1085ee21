"""Ingest: folders and archives in, whole patients out, one status a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.accept import accept
from explorer.erase import finish_erasures
from explorer.errors import StoreError
from explorer.ingest_result import IngestResult
from explorer.ingest_run import IngestRun
from explorer.look import look
from explorer.on_s3 import on_s3
from explorer.patient_map import read_patient_map
from explorer.place import Place
from explorer.pool import pool_of
from explorer.privacy.of_run import privacy_of_run
from explorer.registry import readers
from explorer.scratch import scratch
from explorer.source_tree import source_tree
from explorer.store import Store, open_store
from explorer.table_maps import read_map_file
from explorer.told import ToldFiles, join_told
from explorer.walk import source_of

if TYPE_CHECKING:
    from explorer.s3_source import S3Source

__all__ = ["ingest", "look"]


def ingest(
    sources: str | Path | Iterable[str | Path | S3Source],
    store: Store | Place | str | Path,
    *,
    copy: bool = False,
    workers: int = 1,
    patient: str | None = None,
    issuer: str | None = None,
    pairs: Mapping[str, str] | None = None,
    tables: str | Path | None = None,
    deidentify: bool = False,
    refuse_burned_in: bool = False,
    again: bool = False,
    scheduler: str | None = None,
    patient_map: str | Path | None = None,
    accept_matches: Iterable[str] = (),
) -> IngestResult:
    """Take folders, archives and files into a store.

    Running it again changes nothing; a changed source makes a new version of its patient. It can
    be stopped at any moment: a patient is in whole or not at all, and the next run goes on.

    Parameters
    ----------
    sources : path or paths
        Folders, archives, files; as text also ``s3://bucket/prefix``, whose objects are fetched
        once to be read, with the credentials of the environment. Uncompressed pixels stay there.
    store : Store, path or ``s3://bucket/prefix``
        Made where there is none.
    copy : bool
        Copy pixels into the store even where they could stay in the source files. A store on
        S3 always copies those of folders: other machines cannot see this one's files.
    workers : int
        Processes that read; 1 reads in this one.
    patient : str, optional
        Whose the files are that do not say it themselves.
    issuer : str, optional
        Who gave out the identifiers; by default each source tree stands for itself.
    pairs : mapping, optional
        Mask file to image file, where names and grids do not say it.
    tables : path, optional
        A map (YAML) that says what the columns of tables mean, where the guess is wrong.
    deidentify : bool
        Read nothing but de-identified copies; docs/security.md says what is done and what not.
    refuse_burned_in : bool
        With `deidentify`, refuse pictures that may have text in their pixels.
    again : bool
        Take patients in who were erased from the store; without it their files are skipped.
    scheduler : str, optional
        Address of a Dask scheduler: its workers read, in place of processes of this machine.
    patient_map : path, optional
        A CSV file that says whose identifiers and files are; see `read_patient_map`. Files go to
        those patients, and identifiers are joined, as with `explorer.join.join`.
    accept_matches : iterable of str, optional
        Ids of proposals of `explorer.match.match` to join at the end, or 'safe'.

    Returns
    -------
    IngestResult

    Raises
    ------
    MapError, PatientMapError
        A map cannot be read, or says what cannot be.
    """
    if scheduler is not None and (deidentify or refuse_burned_in):
        raise StoreError(
            "De-identification runs on this machine, and not on a cluster",
            expected="the key of the pseudonyms and the files that they stand for to stay here",
            do="leave --scheduler out, and use --workers",
        )
    if patient_map is not None and deidentify:
        raise StoreError(
            "A patient map names people, and --deidentify hides them from the store",
            do="ingest with --deidentify alone, and join with: oncograph match STORE --accept ID",
        )
    given = read_patient_map(Path(patient_map)) if patient_map is not None else None
    maps = read_map_file(tables) if tables is not None else []
    readers()  # one that cannot be loaded is told now, and not as the fault of every file
    opened = store if isinstance(store, Store) else open_store(store, create=True)
    places = [source_of(p) for p in ([sources] if isinstance(sources, str | Path) else sources)]
    if any(isinstance(place, Place) for place in places):
        _refuse_on_s3(deidentify or refuse_burned_in, scheduler)
    finish_erasures(opened)
    # private: what is unpacked here are patients' files
    with scratch(opened, "ingest") as folder:
        run = IngestRun(opened, folder, copy, patient, _absolute(pairs or {}), maps, again)
        run.told = ToldFiles(opened, given)
        with pool_of(scheduler, workers, opened, places) as pool, ExitStack() as stack:
            if deidentify:
                run.privacy = stack.enter_context(
                    privacy_of_run(opened, folder, patient, refuse_burned_in)
                )
                run.patient = run.privacy.shown(patient)
                run.pairs = run.privacy.pairs(run.pairs)
                issuer = run.privacy.shown(issuer)
            for place in places:
                run.source(place, source_tree(opened, place, issuer, run.name), pool)
            run.remember_unassigned()
            run.result.sources = run.privacy.sources if run.privacy else {}
    run.told.remember(run.holders)
    if given is not None:
        run.result.joined += join_told(opened, given)
    wanted = list(accept_matches)
    run.result.joined += [
        {"identifier": one.patient, "patient": one.into, "done": "joined", "id": one.id}
        for one in (accept(opened, wanted) if wanted else ())
    ]
    return run.result


def _refuse_on_s3(hidden: bool, scheduler: str | None) -> None:
    if hidden or scheduler is not None:
        raise StoreError(
            "Sources on S3 are read by this machine, and as they are",
            expected="neither --deidentify nor --scheduler",
            do="download them, and ingest the folder",
        )


def _absolute(pairs: Mapping[str, str]) -> dict[str, str]:
    def whole(name: str) -> str:
        return name if on_s3(name) else str(Path(name).resolve())

    return {whole(mask): whole(image) for mask, image in pairs.items()}
