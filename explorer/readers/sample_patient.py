"""The patient of a sample, by the rule that a person has declared in a map."""

from __future__ import annotations

from collections.abc import Callable

from explorer.draft import Header
from explorer.errors import FileRefusedError
from explorer.readers.apply_map import entry_for
from explorer.readers.guess_identifier import part_of
from explorer.readers.table_map import read_map


def sample_patient(header: Header) -> Callable[[str], str]:
    """Find what of a sample's identifier is the patient's.

    Parameters
    ----------
    header : Header
        Its detail may have ``map``, the YAML that speaks of the file: ``identifier: {column:
        Tumor_Sample_Barcode, part: TCGA-XX-XXXX}``.

    Returns
    -------
    callable
        Sample to patient; without a rule the sample's identifier as it stands.

    Raises
    ------
    FileRefusedError
        On a call: the sample's identifier does not begin as the rule says.
    """
    text = header.detail.get("map")
    entry = entry_for(read_map(text, "the map"), header.source.relative, None) if text else None
    part = entry.part if entry else None
    if not part:
        return str

    def patient(sample: str) -> str:
        found = part_of(sample, part)
        if found is None:
            raise FileRefusedError(f"The sample {sample!r} has no part {part}", do="mend the map")
        return found

    return patient
