"""How many threads TensorFlow may take; to be called before anything imports it."""

import os


def limit_threads(threads: int) -> None:
    """Give TensorFlow this many threads: one per member, members side by side, beats two threads in one member."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
