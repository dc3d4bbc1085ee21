"""The child process that opens whole-slide images: C decoders and large parsers at a distance.

Started as a script by `explorer.readers.slide_process`; it imports nothing of this package.
Requests come on stdin, replies go to stdout: a length (4 bytes, little endian), a JSON head, and
the raw bytes that the head announces. It ends when its stdin does.

Labels and macro pictures of a slide, which may show a name, are never read.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import sys
from typing import Any, BinaryIO

_VENDORS = ("svs", "ndpi", "scn", "bif", "philips", "ome")
_PER_CM = {2: 25400.0, 3: 10000.0}  # micrometres in the unit of a TIFF's resolution


class TiffSlide:
    """A pyramid in a TIFF file, by tifffile.

    Parameters
    ----------
    paths : list of str
        One.
    """

    def __init__(self, paths: list[str]) -> None:
        import tifffile

        self._file = tifffile.TiffFile(paths[0])
        series = self._file.series[0]
        self.levels: list[Any] = []
        for level in series.levels:
            page: Any = level.pages[0]
            page = page.aspage()  # of pages that are like the first, only the places were read
            if len(level.pages) != 1 or page.dtype != "uint8" or page.ndim not in (2, 3):
                raise ValueError(f"a level of {page.shape} values of type {page.dtype}")
            if page.ndim == 3 and (page.shape[2] not in (3, 4) or page.planarconfig != 1):
                raise ValueError(f"a level of the shape {page.shape}")
            self.levels.append(page)
        first = self.levels[0]
        self.tiled = bool(first.is_tiled)
        text = first.description or ""
        self.vendor = next((v for v in _VENDORS if getattr(self._file, f"is_{v}")), "tiff")
        self.magnification = _number(re.search(r"AppMag\s*=\s*([0-9.]{1,12})", text[:65536]))
        self._mpp = _number(re.search(r"MPP\s*=\s*([0-9.]{1,20})", text[:65536]))

    def mpp(self, level: int) -> list[float] | None:
        """Micrometres a pixel, y and x."""
        if level:
            return None  # the caller has it from the sizes
        if self._mpp:
            return [self._mpp, self._mpp]
        tags = self.levels[0].tags
        unit = _PER_CM.get(int(tags["ResolutionUnit"].value)) if "ResolutionUnit" in tags else None
        found = []
        for name in ("YResolution", "XResolution"):
            if unit is None or name not in tags:
                return None
            above, below = tags[name].value
            found.append(unit * below / above if above else 0.0)
        return found if all(0.01 < one < 100 for one in found) else None

    def size(self, level: int) -> list[int]:
        """Rows and columns."""
        return [int(n) for n in self.levels[level].shape[:2]]

    def region(self, level: int, y: int, x: int, height: int, width: int) -> Any:
        """Decode the tiles that a region touches."""
        import numpy as np

        page = self.levels[level]
        if page.is_tiled:
            rows, columns = page.tilelength, page.tilewidth
        else:
            rows, columns = page.rowsperstrip, page.shape[1]
        across = -(-page.shape[1] // columns)
        out = np.full((height, width, 3), 255, np.uint8)
        handle = self._file.filehandle
        decode, tables = page.decode, page.jpegtables  # both may read, and so move in the file
        for row in range(y // rows, -(-(y + height) // rows)):
            for column in range(x // columns, -(-(x + width) // columns)):
                index = row * across + column
                size = page.databytecounts[index]
                if not size:
                    continue  # an empty tile is background
                if size > 64 << 20:
                    raise ValueError(f"a tile of {size} bytes")
                handle.seek(page.dataoffsets[index])
                tile = decode(handle.read(size), index, jpegtables=tables)[0]
                if tile is None:
                    continue
                _paste(out, _rgb(tile[0]), row * rows - y, column * columns - x)
        return out


class DicomSlide:
    """A pyramid in DICOM files, by wsidicom.

    Parameters
    ----------
    paths : list of str
        Of one series.
    """

    vendor = "dicom"
    tiled = True

    def __init__(self, paths: list[str]) -> None:
        from wsidicom import WsiDicom

        self._slide = WsiDicom.open(paths)
        self.levels = sorted(self._slide.pyramid, key=lambda one: -one.size.width)
        self.magnification = None

    def mpp(self, level: int) -> list[float] | None:
        """Micrometres a pixel, y and x."""
        found = self.levels[level].mpp
        return [float(found.height), float(found.width)] if found else None

    def size(self, level: int) -> list[int]:
        """Rows and columns."""
        found = self.levels[level].size
        return [int(found.height), int(found.width)]

    def region(self, level: int, y: int, x: int, height: int, width: int) -> Any:
        """Read a region."""
        import numpy as np

        found = self._slide.read_region((x, y), self.levels[level].level, (width, height))
        return _rgb(np.asarray(found))


def _number(found: re.Match[str] | None) -> float | None:
    try:
        value = float(found.group(1)) if found else 0.0
    except ValueError:
        return None
    return value if 0.001 < value < 1000 else None


def _rgb(values: Any) -> Any:
    import numpy as np

    if values.dtype != np.uint8:
        most = max(int(values.max(initial=1)), 1)
        values = values if most < 256 else values // (most // 255 + 1)
        values = values.astype(np.uint8)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim == 2:
        return np.repeat(values[..., None], 3, axis=2)
    return values[..., :3]


def _paste(out: Any, tile: Any, y: int, x: int) -> None:
    top, left = max(0, y), max(0, x)
    bottom = min(out.shape[0], y + tile.shape[0])
    right = min(out.shape[1], x + tile.shape[1])
    if bottom > top and right > left:
        out[top:bottom, left:right] = tile[top - y : bottom - y, left - x : right - x]


def thumbnail(slide: Any, most: int) -> Any:
    """The whole slide, at most `most` pixels each way, from the coarsest level that has them."""
    import numpy as np

    sizes = [slide.size(k) for k in range(len(slide.levels))]
    enough = [k for k, size in enumerate(sizes) if max(size) >= most] or [0]
    level = enough[-1]
    height, width = sizes[level]
    step = max(1, -(-max(height, width) // most))
    out = np.empty((-(-height // step), -(-width // step), 3), np.uint8)
    strip = step * max(1, (1 << 24) // (step * width))
    for top in range(0, height, strip):
        rows = min(strip, height - top)
        out[top // step : -(-(top + rows) // step)] = slide.region(level, top, 0, rows, width)[
            ::step, ::step
        ]
    return out


def answer(slides: dict[str, Any], head: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Answer one request."""
    import numpy as np

    key = json.dumps([head["kind"], head["paths"], head["stamp"]])
    if key not in slides:
        slides.clear()
        slides[key] = {"dicom": DicomSlide, "tiff": TiffSlide}[head["kind"]](head["paths"])
    slide = slides[key]
    if head["step"] == "info":
        levels = [{"shape": slide.size(k), "mpp": slide.mpp(k)} for k in range(len(slide.levels))]
        about = {"vendor": slide.vendor, "magnification": slide.magnification}
        return {"levels": levels, "tiled": slide.tiled, **about}, b""
    if head["step"] == "thumbnail":
        found = thumbnail(slide, head["most"])
    else:
        found = slide.region(*(head[name] for name in ("level", "y", "x", "height", "width")))
    found = np.ascontiguousarray(found, np.uint8)
    return {"shape": found.shape}, found.reshape(-1).data


def _exactly(source: BinaryIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data


def _reply(sink: BinaryIO, head: dict[str, Any], data: Any = b"") -> None:
    packed = json.dumps({**head, "bytes": len(data)}).encode()
    sink.write(struct.pack("<L", len(packed)) + packed)
    sink.write(data)
    sink.flush()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until `source` ends."""
    slides: dict[str, Any] = {}
    while True:
        try:
            (size,) = struct.unpack("<L", _exactly(source, 4))
            head = json.loads(_exactly(source, size))
        except EOFError:
            return
        try:
            about, data = answer(slides, head)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is the reply
            slides.clear()
            text = "".join(c if c.isprintable() else " " for c in str(error))[:300]
            _reply(sink, {"error": f"{type(error).__name__}: {text}"})
        else:
            _reply(sink, about, data)


def main() -> None:
    """Take over stdin and stdout, then serve."""
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    source = sys.stdin.buffer
    (size,) = struct.unpack("<L", _exactly(source, 4))
    hello = json.loads(_exactly(source, size))
    sys.path[:] = hello["path"]
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows cannot bound it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (hello["memory"], hello["memory"]))
    _reply(sink, {})
    serve(source, sink)


if __name__ == "__main__":
    main()
