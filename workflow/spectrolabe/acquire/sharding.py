"""Which files a survey has, and which shard each belongs to: functions of names, from the standard library alone."""

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

#: Between the files of one spectrum, where they are named together.
BETWEEN_ARMS = ";"
#: First line of a list of files.
LIST_HEADER = "path\tbytes\tmodified_ns\n"


def find_files(root: Path, patterns: str | Sequence[str], without: str | None = None) -> list[str]:
    """Find the files of a survey, relative to the data folder, sorted.

    Parameters
    ----------
    root : the data folder.
    patterns : of the files, relative to it.
    without : a file that is none of them though its name matches, such as the survey's catalogue.

    Raises
    ------
    ValueError
        Where a pattern leads out of the data folder, or no file matches.
    """
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    if outside := [pattern for pattern in patterns if not stays_inside(pattern)]:
        raise ValueError(f"expected patterns of files that stay in {root}, found {outside[0]!r}")
    found = {path for pattern in patterns for path in glob.glob(pattern, root_dir=root, recursive=True)}
    found = {os.path.normpath(path) for path in found if not os.path.isdir(os.path.join(root, path))}
    found -= {os.path.normpath(without)} if without else set()
    if not found:
        full = " or ".join(f"{root}/{pattern}" for pattern in patterns)
        raise ValueError(f"no file matches {full}; set the folder by data=FOLDER")
    return sorted(found)


def stays_inside(path: str) -> bool:
    """Say whether a path, or a pattern of paths, stays in the folder that it is relative to."""
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def split_word(file: str, words: Sequence[str]) -> tuple[str, str]:
    """Give a file's name without the word of its arm, and the word: ``("s/a.fits", "HR10")`` for ``s/a_HR10.fits``.

    The word goes with one ``_``, ``-`` or ``.`` beside it. A name with none of the words, or with several, stays as it
    is and has the word "".
    """
    path = PurePosixPath(file)
    beside = r"[_.-]{0}(?![A-Za-z0-9])|(?<![A-Za-z0-9]){0}[_.-]"
    patterns = {word: re.compile(beside.format(re.escape(word))) for word in words}
    found = [word for word, pattern in patterns.items() if pattern.search(path.stem)]
    if len(found) != 1:
        return file, ""
    return str(path.with_name(patterns[found[0]].sub("", path.stem, count=1) + path.suffix)), found[0]


def group_files(files: Sequence[str], words: Sequence[str]) -> dict[str, str]:
    """Give the files of each spectrum, those that are arms of one another in the order of their words, joined by ";".

    Parameters
    ----------
    files : paths.
    words : what tells the arms of a spectrum apart, see `split_word`; without any each file is a spectrum.

    Returns
    -------
    Name of the spectrum's files without the word -> the files.

    Raises
    ------
    ValueError
        Where two files would be the same arm of a spectrum, or a file's name cannot stand beside another.
    """
    if not words:
        return {file: file for file in files}
    groups: dict[str, dict[str, str]] = {}
    for file in files:
        name, word = split_word(file, words)
        arms = groups.setdefault(name, {})
        rivals = [arm for other, arm in arms.items() if not word or other in ("", word)]
        if rivals:
            raise ValueError(f"expected one file for each word and spectrum, found {rivals[0]} and {file}")
        if BETWEEN_ARMS in file:
            raise ValueError(f"expected names of files without {BETWEEN_ARMS!r}, found {file}")
        arms[word] = file
    order = ["", *words]
    return {name: BETWEEN_ARMS.join(arms[word] for word in order if word in arms) for name, arms in groups.items()}


def assign_shards(files: Sequence[str], shard_size: int) -> dict[str, list[str]]:
    """Give the files of each shard, by a hash of the file's name: a new file joins one shard, wherever its name sorts.

    Given names without the words of arms (`group_files`), all arms of a spectrum are in one shard. The number of shards
    is a power of two, the smallest whose shards hold ``shard_size`` files on average or fewer.
    """
    shards = 1
    while len(files) > shards * shard_size:
        shards *= 2
    assigned: dict[str, list[str]] = {}
    for file in files:
        digest = hashlib.blake2b(file.encode(), digest_size=8).digest()
        assigned.setdefault(f"{int.from_bytes(digest) % shards:03d}", []).append(file)
    return dict(sorted(assigned.items()))


def write_file_list(root: Path, files: Iterable[str]) -> str:
    """Give the text of a list of files, from which `read_file_list` has their paths: it changes where a file changes.

    A line is a path, its size in bytes and the time of its last change in nanoseconds, separated by tabs; a file that
    has gone since it was found has neither size nor time.

    Parameters
    ----------
    root : the data folder.
    files : paths relative to it.

    Raises
    ------
    ValueError
        Where a path holds a tab or a line break.
    """
    lines = [LIST_HEADER]
    for file in files:
        if any(character in file for character in "\t\n"):
            raise ValueError(f"expected names of files without tabs and line breaks, found {file!r}")
        try:
            status = os.stat(os.path.join(root, file))
            lines.append(f"{file}\t{status.st_size}\t{status.st_mtime_ns}\n")
        except OSError:
            lines.append(f"{file}\t\t\n")
    return "".join(lines)


def read_file_list(path: Path) -> list[str]:
    """Give the files that a list of `write_file_list` names.

    Raises
    ------
    ValueError
        Where the file is no such list.
    """
    # As they are: reading them as text would turn other line breaks into this one.
    text = Path(path).read_bytes().decode(errors="surrogateescape")
    if not (text.startswith(LIST_HEADER) and text.endswith("\n")):
        raise ValueError(f"{path}: expected a list of files, whole to its last line; the next run writes it anew")
    return [line.split("\t")[0] for line in text.removeprefix(LIST_HEADER).split("\n")[:-1]]
