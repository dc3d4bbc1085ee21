"""Show what `to_itk` wrote in itk-vtk-viewer, from this machine alone."""

from __future__ import annotations

import re
import secrets
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from explorer.errors import NotFoundError
from explorer.html import cell

_LOADER = re.compile(rb'<script[^>]*src="https?://[^"]*"[^>]*>\s*</script>')
# what a page may fetch: itself; wasm is compiled in workers made of blobs
_POLICY = (
    "default-src 'self' blob: data: 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'; "
    "connect-src 'self' blob: data:"
)


class ItkServer:
    """A server on 127.0.0.1; close it, or use it in a ``with``.

    Attributes
    ----------
    url : str
        Has a token: whoever does not know it gets nothing.
    """

    def __init__(self, folder: Path, viewer: Path) -> None:
        token = secrets.token_urlsafe(24)
        roots = {"viewer": viewer.resolve(), "data": folder.resolve()}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(token, roots))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{self._server.server_port}/{token}"
        self.url = f"{base}/viewer/index.html?image={base}/data/image.ome.zarr"
        if (folder / "labels.ome.zarr").is_dir():
            self.url += f"&labelImage={base}/data/labels.ome.zarr"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> ItkServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return f'<a href="{cell(self.url)}" target="_blank" rel="noopener">itk-vtk-viewer</a>'


def serve_itk(folder: str | Path, viewer: str | Path) -> ItkServer:
    """Serve a folder of `to_itk` together with a copy of itk-vtk-viewer.

    The viewer is not part of oncograph: ``npm pack itk-vtk-viewer`` and unpack it. The pages get
    a policy that lets them fetch nothing from elsewhere, and the one script that the viewer would
    load from another host is taken out.

    Parameters
    ----------
    folder : str or Path
        As `to_itk` wrote it.
    viewer : str or Path
        The ``dist`` folder of npm's itk-vtk-viewer (tried with 14.51.0).

    Returns
    -------
    ItkServer

    Raises
    ------
    NotFoundError
        One of the two is not there.
    """
    data, page = Path(folder), Path(viewer)
    if not (data / "image.ome.zarr").is_dir():
        raise NotFoundError(f"No image.ome.zarr in {data}", do="write it with widgets.to_itk")
    if not (page / "itkVtkViewer.js").is_file():
        raise NotFoundError(
            f"No itkVtkViewer.js in {page}",
            do="npm pack itk-vtk-viewer, unpack it, and name its folder package/dist",
        )
    return ItkServer(data, page)


def _handler(token: str, roots: dict[str, Path]) -> type[SimpleHTTPRequestHandler]:
    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> Any:
            found = self._found()
            if found is None:
                self.send_error(404)
                return None
            if found.name == "index.html":
                body = _LOADER.sub(b"", found.read_bytes())
            else:
                body = found.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(str(found)))
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("Referrer-Policy", "no-referrer")
            # both let the viewer's workers share memory
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)
            return None

        def do_GET(self) -> None:
            self.send_head()

        def _found(self) -> Path | None:
            parts = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
            if len(parts) < 3 or not secrets.compare_digest(parts[0].encode(), token.encode()):
                return None
            root = roots.get(parts[1])
            if root is None:
                return None
            path = root.joinpath(*parts[2:]).resolve()
            return path if path.is_file() and path.is_relative_to(root) else None

        def log_message(self, *_: Any) -> None:
            pass  # the address holds the token

    return Handler
