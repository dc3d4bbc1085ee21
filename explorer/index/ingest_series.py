"""Take the series of a download manifest into a store, from the bucket that they lie in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.ingest import ingest
from explorer.ingest_result import IngestResult
from explorer.place import Place
from explorer.s3_source import ObjectState, S3Source
from explorer.store import Store, open_store

if TYPE_CHECKING:
    from explorer.index.download_manifest import DownloadManifest


class _Series(S3Source):
    """Some prefixes of one bucket as one source, whose root is the bucket."""

    def __init__(self, bucket: str, prefixes: Sequence[str]) -> None:
        super().__init__(f"s3://{bucket}")
        self.prefixes = list(prefixes)

    def is_prefix(self) -> bool:
        return True

    def objects(self) -> list[tuple[str, ObjectState]]:
        return sorted(one for prefix in self.prefixes for one in S3Source(prefix).objects())


def ingest_series(
    manifest: DownloadManifest,
    store: Store | Place | str | Path,
    *,
    copy: bool = False,
    workers: int = 1,
) -> IngestResult:
    """Ingest a manifest's series, a patient at a time; what is held is not fetched again.

    Uncompressed pixels stay in the bucket. A PatientID is the collection's: equal ones of two
    collections are two people.

    Parameters
    ----------
    manifest : DownloadManifest
    store : Store, path or ``s3://bucket/prefix``
    copy, workers
        As of `explorer.ingest.ingest`.

    Returns
    -------
    IngestResult
        Of all patients; a series without an object in the bucket is a refused file.
    """
    opened = store if isinstance(store, Store) else open_store(store, create=True)
    whole = IngestResult()
    frame = manifest.series[["collection_id", "PatientID", "series_aws_url"]]
    for (collection, _), mine in frame.groupby(["collection_id", "PatientID"], sort=True):
        buckets: dict[str, list[str]] = defaultdict(list)
        for url in mine["series_aws_url"]:
            prefix = str(url).removesuffix("/*")
            if S3Source(prefix).is_prefix():
                buckets[prefix.split("/")[2]].append(prefix)
                continue
            reason = "there is no such series in the bucket"
            told = {"status": "refused", "reason": reason, "patient": None, "item": None}
            whole.files.append({"path": prefix, **told})
        if not buckets:
            continue
        sources = [_Series(bucket, prefixes) for bucket, prefixes in buckets.items()]
        done = ingest(sources, opened, copy=copy, workers=workers, issuer=str(collection))
        whole.files += done.files
        whole.patients += done.patients
        whole.faults += done.faults
        whole.shown += done.shown
    return whole
