"""encode_waves: vectors of waveforms, such as ECGs, one a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphs.encoders.encode_images import Opened, file_hashes, items_of, row_hash
from graphs.encoders.encode_items import encode_items
from graphs.encoders.encoder import Encoder
from graphs.encoders.source import Source
from graphs.encoders.taken import taken
from graphs.examples.bag import Bag

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_TOGETHER = 16


def encode_waves(
    patients: PatientSet,
    encoder: Encoder,
    modality: str = "*",
    *,
    items: Mapping[str, Iterable[str]] | None = None,
    keep: bool | None = None,
    name: str = "waveforms",
    stop: Callable[[], bool] | None = None,
) -> Bag:
    """Encode the waveforms of patients; what was encoded before is read.

    Parameters
    ----------
    patients : PatientSet
    encoder : Encoder
        That takes 'signal': `WaveFeatures`, `WaveNetwork`.
    modality : str
        'ECG', ...; '*' is any.
    items : mapping of str to iterable of str, optional
        Patient to the ids of the waveforms that may be used; all by default.
    keep : bool, optional
        See `encode_items`.
    name : str
        Modality of the bag.
    stop : callable, optional
        Asked between recordings; True ends it.

    Returns
    -------
    Bag
        Instances with the recordings' addresses.

    Raises
    ------
    ExamplesError
        The encoder takes something else.
    """
    taken(encoder, "signal")
    opened = Opened(patients)
    content = file_hashes(patients)
    sources = [
        Source(
            row["patient"], "waveforms", row["item"],
            content.get((row["patient"], row["item"])) or row_hash(row),
            _reader(opened, row["patient"], row["item"]), {"date": row["acquired"]},
            bool(row["synthetic"]),
        )
        for row in items_of(patients, "waveform", modality, items)
    ]  # fmt: skip
    return encode_items(
        patients, encoder, sources, modality=name, how="vectors by recording", settings={},
        keep=keep, together=_TOGETHER, stop=stop,
    )  # fmt: skip


def _reader(opened: Opened, key: str, item: str) -> Callable[[], tuple[list[str], list[Any]]]:
    def read() -> tuple[list[str], list[Any]]:
        return [""], [opened.by_key[key].waveforms[item].data.load()]

    return read
