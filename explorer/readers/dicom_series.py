"""Turn the files of one DICOM series into image drafts, with one status a file."""

from __future__ import annotations

from collections import defaultdict

from explorer.draft import FileStatus, Header, ImageDraft, Reading, Status
from explorer.errors import OncographError
from explorer.item_id import item_id
from explorer.readers.dicom_arrange import Arranged, arrange
from explorer.readers.dicom_draft import image_draft
from explorer.readers.dicom_instance import Instance
from explorer.readers.dicom_pixels import Spool, decode_frames, must_decode
from explorer.readers.dicom_slice import Slice
from explorer.readers.dicom_split import is_localizer, split


def read_series(files: list[tuple[Header, Instance]]) -> Reading:
    """Read one series.

    Parameters
    ----------
    files : list of (Header, Instance)
        All files of one group.

    Returns
    -------
    Reading
        One draft for each part of the series that is one array; exactly one status a file.
    """
    series = _Series()
    unique = series.without_copies(files)
    slices = [one for header, instance in unique for one in series.slices(header, instance)]
    arrays: list[Arranged] = []
    for part in split(slices):
        found = arrange(part)
        arrays += found
        for arranged in found:
            series.left_out |= arranged.left_out
    for arranged, item in zip(arrays, _item_ids(arrays), strict=True):
        series.add(arranged, item, len(arrays))
    return Reading(list(series.drafts), [series.status(header) for header, _ in files])


class _Series:
    """Drafts and the fates of files, gathered while a series is read."""

    def __init__(self) -> None:
        self.spool = Spool()
        self.drafts: list[ImageDraft] = []
        self.left_out: dict[tuple[str, int], str] = {}
        self._fate: dict[str, FileStatus] = {}
        self._places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._home: dict[str, ImageDraft] = {}

    def without_copies(self, files: list[tuple[Header, Instance]]) -> list[tuple[Header, Instance]]:
        """Leave out files whose bytes have been met."""
        seen: dict[str, str] = {}
        unique = []
        for header, instance in sorted(files, key=lambda pair: pair[0].source.uri):
            uri, digest = header.source.uri, header.source.sha256
            if digest in seen:
                reason = f"the same file twice: equal to {seen[digest]}"
                self._fate[uri] = FileStatus(uri, "skipped", reason)
                continue
            seen[digest] = uri
            unique.append((header, instance))
        return unique

    def slices(self, header: Header, instance: Instance) -> list[Slice]:
        """List a file's slices, decoded where they must be; none where the file is broken."""
        uri = header.source.uri
        places: list[int | None] = [None] * len(instance.planes)
        if must_decode(instance):
            try:
                places = [self.spool.add(frame) for frame in decode_frames(header.source, instance)]
            except OSError as error:
                self._fate[uri] = FileStatus(uri, "refused", f"cannot be read: {error.strerror}")
                return []
            except OncographError as error:
                self._fate[uri] = FileStatus(uri, "refused", str(error))
                return []
        found = [
            Slice(header, instance, plane, place)
            for plane, place in zip(instance.planes, places, strict=True)
        ]
        self._places[uri] = [one.place for one in found]
        return found

    def add(self, arranged: Arranged, item: str, parts: int) -> None:
        """Make a draft; where it cannot be made, its files are refused."""
        slices = [one for time in arranged.slices for one in time]
        try:
            draft = image_draft(arranged, item, self.spool)
        except (OncographError, OSError) as error:
            for one in slices:
                uri = one.header.source.uri
                self._fate.setdefault(uri, FileStatus(uri, "refused", str(error)))
            return
        draft.meta["parts"] = parts
        if arranged.left_out:
            draft.problems.append(
                f"{len(arranged.left_out)} slice(s) left out: another slice lies at the same place"
            )
        self.drafts.append(draft)
        for one in slices:
            self._home.setdefault(one.header.source.uri, draft)

    def status(self, header: Header) -> FileStatus:
        """Tell what became of a file."""
        uri = header.source.uri
        if uri in self._fate:
            return self._fate[uri]
        out = [self.left_out[key] for key in self._places[uri] if key in self.left_out]
        draft = self._home.get(uri)
        if draft is None:
            return FileStatus(uri, "skipped", out[0] if out else "no image came of it")
        reason = f"{len(out)} frame(s) left out: {out[0]}" if out else None
        status: Status = "referenced" if draft.frames is not None else "ingested"
        return FileStatus(uri, status, reason, draft.item)


def _item_ids(arrays: list[Arranged]) -> list[str]:
    """Name the arrays.

    The largest volume by the series alone, so that its id stays when a localizer turns up
    later; the others, and all pictures, by their first slice too.
    """

    def size(index: int) -> tuple[bool, int, str]:
        first = arrays[index].slices[0][0]
        count = sum(map(len, arrays[index].slices))
        pixels = first.instance.format.rows * first.instance.format.columns
        return not is_localizer(first), count * pixels, first.key

    main = max(range(len(arrays)), key=size, default=-1)
    ids = []
    for index, arranged in enumerate(arrays):
        first = arranged.slices[0][0]
        instance = first.instance
        identity = [instance.identity]
        picture = instance.projection and len(instance.planes) == 1
        if index != main or picture:
            identity.append(min(one.key for time in arranged.slices for one in time))
        found = item_id(instance.modality, *identity)
        if found in ids:  # slices that share a SOPInstanceUID: their contents tell them apart
            found = item_id(instance.modality, *identity, first.header.source.sha256)
        ids.append(found)
    return ids
