"""The command ``explore``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, emit, opened


def explore(
    store: StorePath,
    edit: Annotated[
        bool, typer.Option("--edit", help="Let the page write: reviews, measurements.")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = 0,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Look at a store in the browser, without a notebook; nothing leaves this machine.

    The page is served on 127.0.0.1 to those who have the address that is printed, its token
    included. Ctrl-C stops it.
    """
    place = opened(store, trust_root)
    from widgets.page.page_server import PageServer

    def told(url: str) -> None:
        if as_json:
            emit({"url": url, "store": place.url, "edit": edit})
        else:
            typer.echo(f"The page of {place.url} is at\n\n    {url}\n\nCtrl-C stops it.")

    PageServer().serve(place.url, told, edit=edit, port=port, open_browser=open_browser)
