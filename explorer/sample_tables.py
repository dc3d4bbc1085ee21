"""sample_tables: where the bundled real tables lie."""

from __future__ import annotations

from pathlib import Path

from explorer.errors import NotFoundError

_TABLES = Path(__file__).parent.parent / "notebooks" / "data" / "tables"


def sample_tables() -> dict[str, Path]:
    """Folders of the bundled tables, each with its ``SOURCE.md``, by their names.

    Returns
    -------
    dict of pathlib.Path
        'tcga_clinical': 11,081 patients of The Cancer Genome Atlas; 'idc_index': a slice of the
        index of the Imaging Data Commons.

    Raises
    ------
    NotFoundError
        They are not here: a wheel does not hold them.
    """
    found = {path.name: path for path in sorted(_TABLES.glob("*")) if path.is_dir()}
    if not found:
        raise NotFoundError(
            "The bundled tables are not here",
            expected=f"folders in {_TABLES}",
            do="clone the project's repository and install from it: "
            "pip install -c constraints.txt -e .",
        )
    return found
