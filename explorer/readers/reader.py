"""The contract of a reader: files in, drafts out, nothing written."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from explorer.draft import Grid, Header, Reading, Source


@runtime_checkable
class Reader(Protocol):
    """One kind of source file.

    Readers register under the entry-point group ``oncograph.readers``; built-in ones too.
    """

    name: str
    """Short and unique: 'dicom', 'dicom_seg', 'rtstruct', 'nifti', 'nrrd'."""

    def peek(self, source: Source) -> Header | None:
        """Look at one file.

        Returns
        -------
        Header or None
            None where the file is not this reader's kind.

        Raises
        ------
        FileRefusedError
            It is this reader's kind, and it cannot be taken; the message says why.
        """
        ...

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn the files of one group into drafts.

        Parameters
        ----------
        headers : list of Header
            Every file of one group (`Header.group`), of one patient.
        grids : list of Grid
            The patient's images, for readers of segmentations; images are read first.

        Returns
        -------
        Reading
            With exactly one status for each header. A bad file is a 'refused' status, never an
            exception that takes its neighbours along.
        """
        ...
