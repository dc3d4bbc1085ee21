"""A waveform draft into a patient's repository."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from explorer.errors import FileRefusedError
from explorer.layout import item_group
from explorer.waveform_draft import WaveformDraft
from explorer.write_coordinates import write_small

_SAMPLES = 1 << 18  # samples a chunk


def write_waveform(session: Any, draft: WaveformDraft) -> None:
    """Write a waveform's samples, ``(channel, time)``, with slope and intercept a channel.

    Parameters
    ----------
    session : icechunk.Session
        Writable; nothing is visible before the commit.
    draft : WaveformDraft

    Raises
    ------
    FileRefusedError
        The samples are not of the shape that the header promised.
    """
    values = draft.load()
    if values.shape != tuple(draft.shape):
        raise FileRefusedError(
            f"The samples have shape {values.shape}",
            expected=str(tuple(draft.shape)),
            where=draft.sources[0].uri if draft.sources else f"item {draft.item}",
        )
    root = zarr.open_group(session.store, mode="a")
    group = root.create_group(item_group("waveform", draft.item), overwrite=True)
    array = group.create_array(
        "samples",
        shape=draft.shape,
        chunks=(1, max(1, min(_SAMPLES, draft.shape[1]))),
        dtype=draft.dtype.newbyteorder("="),
        compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"), Crc32cCodec()],
        fill_value=0,
        dimension_names=("channel", "time"),
    )
    array[...] = values
    for name, each in (("slope", draft.slope), ("intercept", draft.intercept)):
        write_small(group, name, np.asarray(each, float), ("channel",))
    group.attrs.update(
        {
            "type": "waveform",
            "channels": list(draft.channels),
            "units": list(draft.units),
            "sampling_hz": float(draft.sampling_hz),
            "start_s": float(draft.start_s),
        }
    )
