"""Text columns: addresses and codes of a million rows without a Python object for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.node_address import node_of

Ints = NDArray[np.int64]
# pyarrow has no types: an Array, or a ChunkedArray
Column: TypeAlias = Any
_PLAIN = "^[A-Za-z0-9_.~-]+$"
# Targets whose node can be told without reading the whole address grammar.
_SIMPLE = (
    r"^[a-z]+/[A-Za-z0-9_.~-]+(#(label=[A-Za-z0-9_.~-]+|chars=[0-9]{1,9}:[0-9]{1,9}"
    r"|box=[0-9]{1,9}:[0-9]{1,9}(,[0-9]{1,9}:[0-9]{1,9}){2}))?$"
)


def whole(column: Column) -> pa.Array:
    """A column in one piece."""
    if isinstance(column, pa.Array):
        return column
    made = column.combine_chunks()
    return pa.concat_arrays(made.chunks) if isinstance(made, pa.ChunkedArray) else made


def nulls(count: int) -> pa.Array:
    """Text that nobody has said."""
    return pa.nulls(count, pa.string())


def filled(column: Column, text: str = "") -> pa.Array:
    """The same with a text instead of null."""
    return pc.fill_null(whole(column), text)


def joined(*parts: Column | str) -> pa.Array:
    """Texts put together, row by row; null where one is null."""
    return pc.binary_join_element_wise(*parts, "")


def mapped(column: Column, function: Callable[[str], str | None]) -> pa.Array:
    """A function of each different text; null stays null."""
    encoded = coded(column)
    made = pa.array([function(one) for one in encoded.dictionary.to_pylist()], pa.string())
    return made.take(encoded.indices)


def coded(column: Column) -> pa.DictionaryArray:
    """The same with each text once: what is asked of texts is asked of few."""
    if pa.types.is_dictionary(column.type):
        return column
    # of a column in pieces without copying its texts
    return whole(column.dictionary_encode())


def plain(column: Column) -> pa.Array:
    """The same as plain text."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else whole(column)


def quoted(column: Column) -> pa.Array:
    """Percent-encoded as in an address; empty text and null are 'unnamed'."""
    encoded = coded(column)
    names, indices = encoded.dictionary, encoded.indices
    odd = pc.invert(pc.match_substring_regex(names, _PLAIN))
    if pc.any(odd).as_py():
        names = pa.array([quote(one or "unnamed", safe="~") for one in names.to_pylist()])
    if indices.null_count:
        names = pa.concat_arrays([names.cast(pa.string()), pa.array(["unnamed"])])
        indices = pc.fill_null(indices, len(names) - 1)
    return names.take(indices)


def addresses(keys: Column, collection: Column | str, item: Column) -> pa.Array:
    """As `graphs.assembly.node_address.node_address`, of many rows."""
    return joined("onco:", whole(keys), "/", collection, "/", quoted(item))


def codes(column: Column) -> tuple[Ints, Any]:
    """Codes of texts, -1 for null, and the texts."""
    encoded = coded(column)
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, -1)
    return np.asarray(indices).astype(np.int64), encoded.dictionary


def _codes_or_empty(column: Column) -> tuple[Ints, Any]:
    """The same; null is the empty text."""
    code, texts = codes(column)
    if not (code < 0).any():
        return code, texts
    if pc.any(pc.equal(texts, "")).as_py():
        return codes(filled(plain(column)))
    return np.where(code < 0, len(texts), code), pa.concat_arrays([texts, pa.array([""])])


def places_in(column: Column, among: Column) -> Ints:
    """Where each text stands first among others; -1 where it does not."""
    found = pc.index_in(whole(column), value_set=whole(among), skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def runs_in(column: Column, among: Column) -> Ints:
    """As `places_in`, where equal texts mostly lie together: each run is looked up once."""
    pieces = [column] if isinstance(column, pa.Array) else column.chunks
    texts, lengths = [nulls(0)], [np.zeros(0, np.int64)]
    for text in (one for one in pieces if len(one)):
        other = np.asarray(pc.fill_null(pc.not_equal(text[1:], text[:-1]), True))
        first = np.concatenate([[0], np.flatnonzero(other) + 1])
        texts.append(text.take(pa.array(first)))
        lengths.append(np.diff(first, append=len(text)))
    return np.repeat(places_in(pa.concat_arrays(texts), among), np.concatenate(lengths))


def again(code: Any) -> Ints:
    """How many of the same there were before, a row."""
    if not pd.Index(code).has_duplicates:
        return np.zeros(len(code), np.int64)
    count = pd.Series(code).groupby(code, sort=False).cumcount()
    return np.asarray(count, np.int64)


def numbered(patient: Ints, address: pa.Array, item: Column) -> pa.Array:
    """Addresses of rows of the same item: the second one is ``#row=2``."""
    code, _ = _codes_or_empty(item)
    count = again(patient * (int(code.max(initial=0)) + 2) + code)
    if not count.any():
        return address
    rows = pa.array(count + 1).cast(pa.string())
    return pc.if_else(pa.array(count > 0), joined(address, "#row=", rows), address)


def target_nodes(keys: Column, targets: Column) -> pa.Array:
    """As `graphs.assembly.node_address.node_of`, of many rows; null where a target is none."""
    text = whole(targets)
    text = pc.if_else(pc.equal(text, ""), None, text)
    simple = pc.fill_null(pc.match_substring_regex(text, _SIMPLE), False)
    short = pc.replace_substring_regex(text, "#(chars|box)=.*$", "")
    odd = pc.and_(pc.invert(simple), pc.is_valid(text))
    if pc.any(odd).as_py():
        read = mapped(pc.if_else(odd, text, None), _read)
        short = pc.if_else(odd, read, short)
    return joined("onco:", whole(keys), "/", short)


def _read(target: str) -> str | None:
    found = node_of("k", target)
    return None if found is None else found.removeprefix("onco:k/")


def paired(
    first: Column, second: Column, say: Callable[[str, str], str], rows: NDArray[np.bool_]
) -> pa.DictionaryArray:
    """Two texts as one, of some rows; null for the others.

    Parameters
    ----------
    first, second : column of text
        Null counts as ''.
    say : callable
        Of the two texts, once for each pair that there is.
    rows : ndarray of bool, (row,)
    """
    one, names = _codes_or_empty(first)
    two, others = _codes_or_empty(second)
    many = max(len(others), 1)
    pair, unique = pd.factorize(np.asarray((one * many + two)[rows]))
    texts = [
        say(names[int(code) // many].as_py(), others[int(code) % many].as_py()) for code in unique
    ]
    indices = np.zeros(len(rows), np.int32)
    indices[rows] = pair
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, mask=~rows), pa.array(texts, pa.string())
    )


def floats(column: Column) -> NDArray[np.float64]:
    """Numbers; NaN for null."""
    made: Any = whole(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(made, np.float64)


def truth(column: Column) -> NDArray[np.bool_]:
    """True where it is said to be true."""
    return np.asarray(pc.fill_null(whole(column), False)).astype(bool)
