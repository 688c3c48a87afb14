"""How much of the machine TensorFlow takes: its threads and its memory; to be settled before anything imports it."""

import ctypes
import os

#: Options of glibc's mallopt, and what they are set to: memory that a step of training frees stays with the process for
#: the next. Without this, a third of the time of training goes into giving pages back and asking for them again.
MALLOC_OPTIONS = {"M_TRIM_THRESHOLD": (-1, 2**31 - 1), "M_TOP_PAD": (-2, 2**28), "M_MMAP_THRESHOLD": (-3, 2**25)}


def limit_threads(threads: int) -> None:
    """Give TensorFlow this many threads: one per member, members side by side, beats two threads in one member."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _keep_memory()


def _keep_memory() -> None:
    # Other C libraries than glibc have no such options, and need none.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    for option, value in MALLOC_OPTIONS.values() if mallopt else ():
        mallopt(option, value)
