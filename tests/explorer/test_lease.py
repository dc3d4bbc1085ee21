from __future__ import annotations

import threading
import time

import pytest

from explorer.errors import ConflictError, StoreError
from explorer.lease import Lease
from explorer.lock import lock
from explorer.place import Place
from explorer.s3_place import S3Place


def test_one_holder_at_a_time_for_as_long_as_it_lives(s3: str) -> None:
    place = Place.of(s3)
    with lock(place, "key") as still_held:
        with pytest.raises(StoreError, match="wait for it to end"), lock(place, "key", 0.3):
            pass
        with lock(place, "another", 0.3):
            pass
        still_held()
    with lock(place, "key", 0.3):  # given back, nobody is waited for
        pass


def test_a_living_holder_is_waited_for_longer_than_its_time(s3: str) -> None:
    place = S3Place(s3) / "lease"
    # long enough that a busy machine does not keep it from saying that it lives
    holder = Lease(place, 5.0)
    holder.acquire(60)
    with pytest.raises(TimeoutError):
        Lease(place, 5.0).acquire(8)
    holder.check()
    holder.release()


def test_who_was_silent_learns_that_another_went_on(s3: str) -> None:
    place = S3Place(s3) / "lease"
    silent = Lease(place, 1.0)
    silent.acquire(60)
    silent._ended.set()  # as if the process were suspended: nothing is written
    other = Lease(place, 1.0)
    begun = time.monotonic()
    other.acquire(120)
    assert time.monotonic() - begun > 1.0, "its time had to run out first"
    with pytest.raises(ConflictError, match="silent for too long"):
        silent.check()
    silent.release()  # takes nothing from the other
    other.check()
    other.release()


def test_an_object_that_is_no_lease_holds_for_the_usual_time(s3: str) -> None:
    place = S3Place(s3) / "lease"
    place.write_bytes(b"not json")
    with pytest.raises(TimeoutError):
        Lease(place, 600.0).acquire(0.3)
    lease = Lease(place, 1.0)
    begun = time.monotonic()
    lease.acquire(120)
    assert time.monotonic() - begun > 1.0
    lease.release()


def test_of_many_that_wait_each_has_it_alone(s3: str) -> None:
    place = Place.of(s3)
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(3):
            with lock(place, "key", 600):
                inside += 1
                most = max(most, inside)
                time.sleep(0.02)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
