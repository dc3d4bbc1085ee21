"""RO-Crate 1.1: NIfTI and CSV, and a description of every file that machines read.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from explorer.exports.nifti_csv import NiftiCsvExporter
from explorer.exports.run import MANIFEST, Run, software
from explorer.records import now

_CRATE = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_KINDS = {".gz": "application/gzip", ".csv": "text/csv", ".json": "application/json"}


class RoCrateExporter(NiftiCsvExporter):
    """Writes what NIfTI + CSV writes, and ``ro-crate-metadata.json``."""

    name = "ro-crate"
    about = "RO-Crate 1.1: NIfTI + CSV with JSON-LD metadata"

    def finish(self, run: Run) -> None:
        """Write the tables and the crate's metadata."""
        super().finish(run)
        files, _ = run.whole()
        terms = run.options.licence or "The terms of each patient's data stand in manifest.json"
        made = {"@id": "#export", "@type": "CreateAction", "name": "Export of a cohort",
                "endTime": now(), "instrument": {"@id": "#oncograph"},
                "result": {"@id": "./"}}  # fmt: skip
        graph: list[dict[str, Any]] = [
            {"@id": _CRATE, "@type": "CreativeWork", "about": {"@id": "./"},
             "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
            {"@id": "./", "@type": "Dataset", "name": run.title,
             "description": f"{len(run.cohort)} patients, exported from an oncograph store",
             "datePublished": now(), "identifier": f"sha256:{run.cohort.digest}",
             "license": {"@id": "#licence"}, "mentions": {"@id": "#export"},
             "hasPart": [{"@id": _id(one["file"])} for one in files] + [{"@id": MANIFEST}]},
            {"@id": "#licence", "@type": "CreativeWork", "name": "Licence", "description": terms},
            {"@id": "#oncograph", "@type": "SoftwareApplication", "name": "oncograph",
             "version": software().get("oncograph", "0")},
            made,
            {"@id": MANIFEST, "@type": "File", "name": "what was exported, and from where",
             "encodingFormat": "application/json"},
        ]  # fmt: skip
        graph += [_file(one) for one in files]
        run.add_json(_CRATE, {"@context": _CONTEXT, "@graph": graph}, kind="index")


def _id(file: str) -> str:
    return quote(file)


def _file(one: dict[str, Any]) -> dict[str, Any]:
    end = "." + one["file"].rpartition(".")[2]
    found = {
        "@id": _id(one["file"]), "@type": "File", "name": one["file"],
        "contentSize": str(one["size"]), "sha256": one["sha256"],
        "encodingFormat": _KINDS.get(end, "application/octet-stream"),
    }  # fmt: skip
    if one.get("kind"):
        found["description"] = str(one["kind"])
    return found
