"""Where a network sets spectra beside each other: the embeddings of its labels, of one member."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.predict.embedding_files import Embedded
from spectrolabe.predict.ensembles import Ensemble
from spectrolabe.predict.neighbours import NeighbourFinder
from spectrolabe.spectra.streaming import read_blocks
from spectrolabe.spectra.table import Spectra, read_shard, replacing
from spectrolabe.spectra.wavelength import split_arms
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build

#: Spectra of each part that a map of the embedding is drawn of at most.
MOST_SPECTRA = 1000


@dataclass(frozen=True)
class Embedder:
    """What embeds spectra.

    ``member`` is a `.keras` file, ``head`` one key, a name of `spectrolabe.train.heads.HEADS` that has embeddings, with
    its options, and ``labels`` the network's, in the order of its outputs.
    """

    member: Path
    head: Mapping
    labels: Sequence[str]

    def embed(self, blocks: Iterable[Spectra]) -> Iterator[Embedded]:
        """Give the embeddings of spectra that come some at a time, all of one grid.

        Their ``table`` has ``spectrum_id``, ``source_id``, and the labels with ``<label>_true``, NaN where unknown.
        """
        ensemble, head = Ensemble([self.member]), build(HEADS, self.head)
        columns = ["spectrum_id", "source_id", *self.labels, *(f"{label}_true" for label in self.labels)]
        for spectra in blocks:
            vectors = head.embeddings(ensemble(spectra.flux)[0], self.labels)
            table = spectra.table.reindex(columns=columns).reset_index(drop=True)
            yield Embedded(vectors.astype(np.float32), _known_arms(spectra, vectors.shape[1]), table)


def _known_arms(spectra: Spectra, count: int) -> np.ndarray:
    """Tell in which arms a spectrum has information; a network that reads all arms at once has one."""
    arms = split_arms(spectra.wavelength) if count > 1 else [slice(None)]
    return np.stack([(spectra.flux[:, arm] != 0).any(axis=1) for arm in arms], axis=1)


def choose_member(kept: Mapping, members: Sequence[str | Path]) -> Path:
    """Give the file, or folder, of the kept member of the lowest validation loss; files are named as members are."""
    best = min(kept["members"], key=lambda member: (kept["validation_loss"][member], member))
    return next(Path(path) for path in members if Path(path).stem == best)


def embed_training(parts: Mapping[str, Path], embedder: Embedder) -> Embedded:
    """Embed the training spectra of several sets, set -> file; the table has ``set`` beside what `Embedder` gives it.

    The spectra are those in the files: what an epoch does to them on the fly is left out.
    """
    found = [
        replace(embedded, table=embedded.table.assign(set=name))
        for name, path in parts.items()
        for embedded in embedder.embed(read_blocks(path))
    ]
    return _join(found)


def embed_snapshots(
    parts: Mapping[str, Path], snapshots: Path, head: Mapping, labels: Sequence[str], seed: int
) -> Embedded:
    """Embed some spectra of every part by what one member was at several epochs of its training.

    Parameters
    ----------
    parts : part -> file; of each one spectrum per star is taken, `MOST_SPECTRA` at most, by chance.
    snapshots : folder of `.keras` files named by their epochs.
    head, labels : see `Embedder`.
    seed : of the choice.

    Returns
    -------
    Embeddings; their table has ``part`` and ``epoch`` beside what `Embedder` gives it.
    """
    chosen = {part: _sample_stars(path, seed) for part, path in parts.items()}
    found = []
    for epoch in sorted(int(path.stem) for path in snapshots.glob("*.keras")):
        embedder = Embedder(snapshots / f"{epoch}.keras", head, labels)
        for part, embedded in zip(chosen, embedder.embed(chosen.values()), strict=True):
            found.append(replace(embedded, table=embedded.table.assign(part=part, epoch=epoch)))
    return _join(found)


def _sample_stars(path: Path, seed: int) -> Spectra:
    stars = pq.read_table(path, columns=["source_id"])["source_id"].to_pandas()
    shuffled = stars.iloc[np.random.default_rng(seed).permutation(len(stars))]
    rows = np.sort(shuffled.drop_duplicates().index[:MOST_SPECTRA])
    return read_shard(path, with_ivar=False, rows=rows)


def write_neighbours(
    path: Path, blocks: Iterable[Spectra], embedder: Embedder, references: Embedded, count: int
) -> None:
    """Write the nearest training spectra of all spectra, some at a time in memory (see `NeighbourFinder`).

    Parameters
    ----------
    path : Parquet file, which is either whole or absent.
    blocks : spectra, some at a time.
    references : of the training spectra, by the same member.
    count : neighbours of each spectrum and label.
    """
    find = NeighbourFinder(references, embedder.labels, count)
    tables = (pa.Table.from_pandas(find(found), preserve_index=False) for found in embedder.embed(blocks))
    with replacing(path) as temporary:
        first = next(tables)
        with pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table.cast(first.schema))


def _join(parts: Sequence[Embedded]) -> Embedded:
    vectors, known = (np.concatenate([getattr(part, name) for part in parts]) for name in ("vectors", "known"))
    return Embedded(vectors, known, pd.concat([part.table for part in parts], ignore_index=True))
