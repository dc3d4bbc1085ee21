"""Match: pairs of patients who may be one person, found and shown, never joined by it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from explorer.layout import UNASSIGNED
from explorer.match_facts import MatchFacts
from explorer.name_rules import Clue, Named, name_rules, tcga_case
from explorer.proposal import Proposal, proposal_id
from explorer.same_source import same_source
from explorer.shown_list import ShownList

if TYPE_CHECKING:
    from explorer.store import Store

# The strongest first. Those of SAFE_RULES may be taken without a look at each pair, where nothing
# speaks against it: UIDs are unique in the world, and a barcode holds its case by definition.
RULES = (
    "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "barcode", "file name", "file",
    "spelling",
    "suffix", "other issuer", "prefix",
)  # fmt: skip
_BARCODE = r"TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}[-._][^/\\!]*$"
SAFE_RULES = frozenset({"SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "barcode"})


def match(store: Store) -> ShownList[Proposal]:
    """List pairs of patients who may be one person.

    Nothing is changed. The time grows with the number of identifiers, items and files, not with
    the number of pairs of patients.

    Parameters
    ----------
    store : Store

    Returns
    -------
    ShownList of Proposal
        The strongest rule first, then by what people call the patients; the same list for the
        same store.
    """
    labels = store.keys_and_labels()
    names = _names(store, set(labels))
    clues = [*name_rules(names), *_sources(store), *_file_names(store, names)]
    pairs: dict[tuple[str, str], list[Clue]] = defaultdict(list)
    for clue in clues:
        if clue.patient in labels and clue.into in labels:
            pairs[min(clue.patient, clue.into), max(clue.patient, clue.into)].append(clue)
    keys = {key for pair in pairs for key in pair}
    facts = MatchFacts.read(store, keys)
    found = [_proposal(both, labels, facts) for both in pairs.values()]
    found.sort(key=lambda p: (RULES.index(p.rule), p.labels[::-1], p.id))
    return ShownList(
        found,
        ["id", "patient", "into", "rule", "evidence", "against"],
        lambda p: [p.id, *p.labels, p.rule, "; ".join(p.evidence), "; ".join(p.against) or None],
        "proposals; nothing is joined before somebody says so",
    )


def _names(store: Store, visible: set[str]) -> list[Named]:
    """Every identifier of a visible patient; those that ingest made up say nothing."""
    lead = store.records.hidden()
    made_up = {
        row["patient"]
        for row in store.records.visible("attributes", ["patient", "made_up"]).to_pylist()
        if row["made_up"]
    }
    names = []
    for row in store.records.read("aliases").to_pylist():
        key = lead.get(row["patient"], row["patient"])
        if key in visible and row["patient"] not in made_up:
            names.append(Named(key, row["issuer"], row["identifier"]))
    return names


def _sources(store: Store) -> list[Clue]:
    records = store.records
    files = records.visible("files", ["patient", "sop_uid", "sha256"])
    files = files.filter(pc.not_equal(files["patient"], UNASSIGNED))
    items = records.visible("items", ["patient", "study_uid", "series_uid"])
    facts = records.visible("facts", ["patient", "name", "value"])
    clues = same_source(files["patient"], files["sha256"], "file")
    for rule, table, column in (
        ("SOPInstanceUID", files, "sop_uid"),
        ("SeriesInstanceUID", items, "series_uid"),
        ("StudyInstanceUID", items, "study_uid"),
    ):
        # an index of series, taken in as a table, names UIDs too
        told = facts.filter(pc.equal(facts["name"], rule))
        patients = [*table["patient"].chunks, *told["patient"].chunks]
        values = [*table[column].chunks, *told["value"].chunks]
        text = pa.string()
        clues += same_source(pa.chunked_array(patients, text), pa.chunked_array(values, text), rule)
    return clues


def _file_names(store: Store, names: list[Named]) -> list[Clue]:
    """Files of one patient that are named by another one, who is a TCGA case."""
    cases: dict[str, set[str]] = defaultdict(set)
    for name in names:
        cases[name.identifier.upper()].add(name.key)
    files = store.records.visible("files", ["patient", "uri"])
    files = files.filter(pc.not_equal(files["patient"], UNASSIGNED))
    named = files.filter(pc.match_substring_regex(files["uri"], _BARCODE, ignore_case=True))
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in named.to_pylist():
        file = re.split(r"[/\\!]", row["uri"])[-1]
        for key in cases.get(tcga_case(file) or "", set()) - {row["patient"]}:
            found[row["patient"], key].append(file)
    counts = Counter(files["patient"].to_pylist()) if found else Counter()
    return [
        Clue(
            patient, into, "file name", f"{len(theirs)} files named by it, such as {min(theirs)!r}",
            (f"{counts[patient] - len(theirs)} other files are not",)
            if counts[patient] > len(theirs) else (),
        )
        for (patient, into), theirs in sorted(found.items())
    ]  # fmt: skip


def _proposal(clues: list[Clue], labels: dict[str, str], facts: MatchFacts) -> Proposal:
    clues = sorted(clues, key=lambda clue: (RULES.index(clue.rule), clue.evidence))
    first = clues[0]
    patient, into = first.patient, first.into
    if first.rule not in ("barcode", "file name") and facts.rank(patient) > facts.rank(into):
        patient, into = into, patient
    for_it, against = facts.compare(patient, into)
    against = [*dict.fromkeys(said for clue in clues for said in clue.against), *against]
    evidence = [*dict.fromkeys(clue.evidence for clue in clues), *for_it]
    return Proposal(
        proposal_id(patient, into),
        patient,
        into,
        (labels[patient], labels[into]),
        first.rule,
        tuple(evidence),
        tuple(against),
        first.rule in SAFE_RULES and not against,
    )
