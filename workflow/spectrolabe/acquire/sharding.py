"""Which files a survey has, and which shard each belongs to: functions of names, from the standard library alone."""

import glob
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path


def find_files(root: Path, patterns: str | Sequence[str]) -> list[str]:
    """Find the files of a survey, relative to the data folder, sorted.

    Raises
    ------
    ValueError
        Where no file matches.
    """
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    found = {path for pattern in patterns for path in glob.glob(pattern, root_dir=root, recursive=True)}
    found = {os.path.normpath(path) for path in found if not os.path.isdir(os.path.join(root, path))}
    if not found:
        full = " or ".join(f"{root}/{pattern}" for pattern in patterns)
        raise ValueError(f"no file matches {full}; set the folder by data=FOLDER")
    return sorted(found)


def assign_shards(files: Sequence[str], shard_size: int) -> dict[str, list[str]]:
    """Give the files of each shard, by a hash of the file's name: a new file joins one shard, wherever its name sorts.

    The number of shards is a power of two, the smallest whose shards hold ``shard_size`` files on average or fewer.
    """
    shards = 1
    while len(files) > shards * shard_size:
        shards *= 2
    assigned: dict[str, list[str]] = {}
    for file in files:
        digest = hashlib.blake2b(file.encode(), digest_size=8).digest()
        assigned.setdefault(f"{int.from_bytes(digest) % shards:03d}", []).append(file)
    return dict(sorted(assigned.items()))
