from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.errors import StoreError
from explorer.lock import lock

HOLDER = """
import sys, time
from pathlib import Path
from explorer.lock import lock
with lock(Path(sys.argv[1]), "key"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_one_holder_at_a_time_and_a_killed_one_gives_it_back(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreError, match="wait for it to end"),
            lock(tmp_path, "key", wait_s=0.1),
        ):
            pass
        with lock(tmp_path, "another", wait_s=0.1):
            pass
        holder.kill()
        holder.wait()
        with lock(tmp_path, "key", wait_s=60):
            pass


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path, "key"):
        _ = 1 / 0
    with lock(tmp_path, "key", wait_s=0.1):
        pass
