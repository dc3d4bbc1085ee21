"""A function on its way to other processes, and what is remembered of it."""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.mapping.function_error import FunctionError

_DO = (
    "put it into a module that the workers can import; let it open files and models itself "
    "rather than carry them"
)


@dataclass(frozen=True)
class PackedFunction:
    """A function as it travels.

    Attributes
    ----------
    name : str
        ``module.function``; without the module where that is ``__main__``.
    sha256 : str or None
        Of its source text, of those of functions that it calls not; None where there is no
        source (a function of C).
    data : bytes or None
        Pickled; None in this process, where `function` is it.
    """

    name: str
    sha256: str | None
    data: bytes | None = None
    function: Callable[..., Any] | None = None

    def load(self) -> Callable[..., Any]:
        """The function, here.

        Raises
        ------
        FunctionError
            It cannot be made of its bytes: a module is missing here.
        """
        return _load(self.data) if self.function is None else self.function


def named_function(function: Callable[..., Any]) -> PackedFunction:
    """A function for this process.

    Parameters
    ----------
    function : callable
        A function, a method, a ``functools.partial`` of one, or an object that can be called.
    """
    inner, bound = function, ""
    while isinstance(inner, functools.partial):
        bound += repr((inner.args, sorted(inner.keywords.items())))
        inner = inner.func
    about = inner if hasattr(inner, "__qualname__") else type(inner)
    module, name = about.__module__, about.__qualname__.replace("<locals>.", "")
    try:
        text = inspect.getsource(about) + bound
    except (OSError, TypeError):
        text = ""
    full = name if module == "__main__" else f"{module}.{name}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text else None
    return PackedFunction(full, digest, None, function)


def packed_function(function: Callable[..., Any], *, by_value: bool = False) -> PackedFunction:
    """A function for other processes.

    One that is defined in a notebook, in a script or in another function goes by value (with
    cloudpickle), one of a module by its name.

    Parameters
    ----------
    function : callable
    by_value : bool
        Also one of a module: the workers do not have that.

    Raises
    ------
    FunctionError
        It cannot be packed: it holds an open file, a lock, a store's session.
    """
    known = named_function(function)
    if not by_value and _importable(function):
        return PackedFunction(known.name, known.sha256, pickle.dumps(function))
    try:
        cloudpickle: Any = importlib.import_module("cloudpickle")
    except ImportError as error:
        raise FunctionError(
            f"{known.name} is defined in a notebook, in a script or in another function",
            do="put it into a module, or: pip install 'oncograph[cluster]'",
        ) from error
    module = sys.modules.get(getattr(function, "__module__", ""))
    own = by_value and module is not None and module.__name__ != "__main__"
    if own:
        cloudpickle.register_pickle_by_value(module)
    try:
        data = cloudpickle.dumps(function)
    except Exception as error:  # whatever the things that it carries raise
        raise FunctionError(
            f"{known.name} cannot be sent to other processes: {type(error).__name__}: {error}",
            do=_DO,
        ) from error
    finally:
        if own:
            cloudpickle.unregister_pickle_by_value(module)
    return PackedFunction(known.name, known.sha256, data)


def _importable(function: Callable[..., Any]) -> bool:
    module = getattr(function, "__module__", None)
    if module in (None, "__main__", "__mp_main__"):
        return False
    try:
        pickle.dumps(function)
    except Exception:  # noqa: BLE001 - whatever the things that it carries raise
        return False
    return True


@functools.lru_cache(maxsize=8)
def _load(data: bytes) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = pickle.loads(data)
    except Exception as error:
        raise FunctionError(
            f"The function cannot be loaded here: {type(error).__name__}: {error}", do=_DO
        ) from error
    return found


def cannot_load(packed: PackedFunction) -> str | None:
    """Why a function cannot be loaded, or None; runs on a worker."""
    try:
        packed.load()
    except FunctionError as error:
        return error.message
    return None
