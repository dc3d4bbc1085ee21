"""The child process that decodes compressed frames: C code on hostile bytes, kept at a distance.

Started as a script by `explorer.readers.decoder`; it imports nothing of this package. Requests
come on stdin, replies go to stdout: a length (4 bytes, little endian), a JSON head, and the raw
bytes that the head announces. It ends when its stdin does.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import Any, BinaryIO


def limit_memory(limit: int) -> None:
    """Bound the address space where the system can (Linux; not Windows)."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        return


def decode(codec: str, data: bytes, bits: int, color: str | None = None) -> Any:
    """Decode one frame to an array.

    Parameters
    ----------
    codec : str
        'rle', 'jpeg', 'png', 'ljpeg', 'jpegls', 'jpeg2k' or 'htj2k'.
    data : bytes
    bits : int
        BitsAllocated; RLE does not say it.
    color : {'YCBCR', 'RGB'}, optional
        What the components of a colour JPEG are.
    """
    import imagecodecs
    import numpy as np

    if codec == "rle":
        kind = f"<u{bits // 8}"
        return np.frombuffer(imagecodecs.dicomrle_decode(data, kind), kind)
    if codec == "jpeg" and color is not None:
        return imagecodecs.jpeg8_decode(data, colorspace=color, outcolorspace="RGB")
    if codec == "jpeg":
        return imagecodecs.jpeg8_decode(data)
    if codec == "png":
        return imagecodecs.png_decode(data)
    if codec == "ljpeg":
        return imagecodecs.jpegsof3_decode(data)  # ljpeg_decode takes a cut frame for a whole one
    if codec == "jpegls":
        return imagecodecs.jpegls_decode(data)
    if codec == "jpeg2k":
        return imagecodecs.jpeg2k_decode(data, numthreads=1)
    if codec == "htj2k":
        return imagecodecs.htj2k_decode(data)
    raise ValueError(f"no codec {codec!r}")


def _exactly(source: BinaryIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data


def _reply(sink: BinaryIO, head: dict[str, Any], data: Any = b"") -> None:
    packed = json.dumps(head).encode()
    sink.write(struct.pack("<L", len(packed)) + packed)
    sink.write(data)
    sink.flush()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until `source` ends."""
    import numpy as np

    while True:
        try:
            (size,) = struct.unpack("<L", _exactly(source, 4))
            head = json.loads(_exactly(source, size))
            data = _exactly(source, head["bytes"])
        except EOFError:
            return
        try:
            array = np.ascontiguousarray(decode(head["codec"], data, head["bits"], head["color"]))
            array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        except Exception as error:  # noqa: BLE001 - whatever a codec raises is the reply
            _reply(sink, {"error": f"{type(error).__name__}: {str(error)[:300]}", "bytes": 0})
            continue
        raw = array.reshape(-1).view(np.uint8)
        about = {"dtype": array.dtype.str, "shape": array.shape, "bytes": raw.nbytes}
        _reply(sink, about, raw.data)


def main() -> None:
    """Take over stdin and stdout, then serve."""
    # A library that prints would break the replies: they get a private copy of stdout.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    source = sys.stdin.buffer
    (size,) = struct.unpack("<L", _exactly(source, 4))
    hello = json.loads(_exactly(source, size))
    sys.path[:] = hello["path"]
    limit_memory(hello["memory"])
    import imagecodecs  # noqa: F401 - now, so that no frame's time limit pays for it

    _reply(sink, {"bytes": 0})
    serve(source, sink)


if __name__ == "__main__":
    main()
