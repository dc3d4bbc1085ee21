"""PageServer: voila on one store, on this machine alone, with a token."""

from __future__ import annotations

import html
import json
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler

_SHARE = Path(__file__).parent / "share"
_CELL: dict[str, Any] = {
    "cell_type": "code", "execution_count": None, "id": "front", "metadata": {}, "outputs": [],
    "source": "from widgets.page.show_front import show_front\nshow_front()",
}  # fmt: skip
_BOOK = {
    "cells": [_CELL], "nbformat": 4, "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
}  # fmt: skip
#: Said to the kernel by its environment.
STORE, EDIT, FOLDER = "ONCOGRAPH_PAGE_STORE", "ONCOGRAPH_PAGE_EDIT", "ONCOGRAPH_PAGE_FOLDER"
_LOCAL = "127.0.0.1"
_IDLE_S = 90
_SHORT = 32  # of the 107 bytes of a Unix socket's path; voila and Jupyter add 70
# the browser itself refuses whatever would leave this machine
_CSP = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        f"connect-src 'self' blob: data: ws://{_LOCAL}:*",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
# the widgets' own; voila would load every extension that somebody has installed
_EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "jupyter-scatter",
]


class PageServer(Voila):  # type: ignore[misc]
    """Serves one page, on 127.0.0.1, at a free port, to those who have the token.

    Each visitor gets a kernel, which ends with the tab. Nothing of the configuration of a person's
    own Jupyter counts here.
    """

    name = "oncograph-page"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(tempfile.mkdtemp(prefix="oncograph-page-"))  # mode 0700
        self.told: Callable[[str], None] = lambda url: None
        self.address = ""
        self.wanted_port = 0

    def serve(
        self, store: str, told: Callable[[str], None], *, edit: bool = False,
        port: int = 0, open_browser: bool = True,
    ) -> None:  # fmt: skip
        """Serve until it is stopped (Ctrl-C, SIGTERM, or the terminal closes).

        Parameters
        ----------
        store : str
            Path or URL.
        told : callable
            Is told the address, token included, once it can be opened.
        edit : bool
            Let the page write to the store.
        port : int
            0 takes a free one.
        open_browser : bool
        """
        self.told, self.wanted_port = told, port
        notebook = self.folder / "oncograph.ipynb"
        notebook.write_text(json.dumps(_BOOK), "utf-8")
        os.environ.update({STORE: store, EDIT: "yes" if edit else "", FOLDER: str(Path.cwd())})
        paths = [str(_SHARE), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
        self.config_file_paths: list[str] = []
        # tornado and Jupyter count pings in other units, and warn of one another
        logging.getLogger("tornado.general").setLevel(logging.ERROR)
        self.update_config(_config(self.folder, notebook, port))
        self.open_browser = open_browser
        try:
            self.initialize([])
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last is not there on Windows
                number = getattr(signal, name, None)
                # what nohup keeps from the process stays kept from it
                ignored = number and signal.getsignal(number) is signal.SIG_IGN
                if number and not (name == "SIGHUP" and ignored):
                    signal.signal(number, self._told_to_stop)
            self.start()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def init_handlers(self) -> list[Any]:
        """Without a token there is nothing but how to get one."""
        found: list[Any] = super().init_handlers()
        # the server's login form would ask for a password that nobody has set
        return [
            (r"/log(?:in|out)/?", _NoToken),
            (r"/voila/api/shutdown/(.*)", _Closed),
            *found,
        ]

    def listen(self) -> None:
        """Take a port, say where it is, and wait."""
        sockets = tornado.netutil.bind_sockets(self.wanted_port, _LOCAL)
        port: int = sockets[0].getsockname()[1]
        self.port = port
        server = tornado.httpserver.HTTPServer(self.app)
        server.add_sockets(sockets)
        self.address = f"http://{_LOCAL}:{port}/?token={self.token}"
        self.told(self.address)
        self.ioloop = tornado.ioloop.IOLoop.current()
        if self.open_browser:
            self.launch_browser()
        try:
            self.ioloop.start()
        finally:
            server.stop()
            self.stop()

    def _told_to_stop(self, number: int, _: Any) -> None:
        loop = getattr(self, "ioloop", None)
        if loop is None:
            raise KeyboardInterrupt
        loop.add_callback_from_signal(loop.stop)

    def launch_browser(self) -> None:
        """Open the page; the token goes through a file, since others can see what is run."""
        go = self.folder / "open.html"
        handle = os.open(go, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(
                '<!doctype html><meta charset="utf-8"><title>oncograph</title>'
                f'<meta http-equiv="refresh" content="0; url={html.escape(self.address)}">'
            )
        threading.Thread(target=webbrowser.open, args=(go.as_uri(),), daemon=True).start()


class _Closed(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """Ends the kernel of a tab that is closed.

    The browser sends that as a beacon, which can hold no XSRF token; it says where it comes from.
    """

    def check_xsrf_cookie(self) -> None:
        """Only a page of this server may ask."""
        if self.request.headers.get("Origin") != f"http://{self.request.host}":
            raise tornado.web.HTTPError(403, "another page asked")


class _NoToken(tornado.web.RequestHandler):
    """What somebody without the token gets."""

    def get(self) -> None:
        """Say where the token is."""
        self.set_status(403)
        page = self.application.settings["voila_jinja2_env"].get_template("no-token.html")
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.finish(page.render())

    post = get


def _config(folder: Path, notebook: Path, port: int) -> Config:
    return Config(
        {
            "Voila": {
                "ip": _LOCAL,
                "port": port,
                "root_dir": str(folder),
                "notebook_path": str(notebook),
                "token": secrets.token_urlsafe(32),
                "log_level": "ERROR",
                "connection_dir_root": str(folder),
                "tornado_settings": {
                    "headers": {"Content-Security-Policy": _CSP, "Referrer-Policy": "no-referrer"},
                    # a name that others let point at this machine is not this machine
                    "allow_remote_access": False,
                    "local_hostnames": [_LOCAL, "localhost"],
                },
            },
            "VoilaConfiguration": {
                "template": "oncograph",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "file_denylist": [".*"],
                "extension_allowlist": _EXTENSIONS,
            },
            # where a browser dies without a word; a tab that closes says so itself
            "MappingKernelManager": {
                "cull_idle_timeout": _IDLE_S,
                "cull_interval": 20,
                "cull_connected": False,
            },
            "KernelManager": {"shutdown_wait_time": 2.0, "transport": _transport(folder)},
        }
    )


def _transport(folder: Path) -> str:
    """Sockets in a folder of one's own, where their names are not too long; else TCP."""
    return "ipc" if sys.platform == "linux" and len(str(folder)) <= _SHORT else "tcp"
