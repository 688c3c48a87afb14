"""Checkpoints: the whole state of an unfinished training, from which it goes on to the same last bit."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np

from spectrolabe.spectra.table import replacing


@dataclass
class Progress:
    """How far a training has come: its history, the weights of its best epoch, and their mean at the ends of cycles."""

    rate: float
    history: list[dict] = field(default_factory=list)
    best_weights: list[np.ndarray] = field(default_factory=list)
    mean_weights: list[np.ndarray] = field(default_factory=list)
    cycles: int = 0

    @property
    def losses(self) -> list[float]:
        """Validation losses so far."""
        return [row["val_loss"] for row in self.history]

    def waited(self) -> int:
        """Give the number of epochs since the best one."""
        return len(self.losses) - 1 - int(np.argmin(self.losses)) if self.losses else 0


def fingerprint(data: Iterable[np.ndarray | bytes], settings: Mapping) -> str:
    """Name what a training depends on, so that an unfinished one is never resumed on other data or settings."""
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16)
    for part in data:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part))
    return digest.hexdigest()


def save_progress(path: Path, key: str, model: keras.Model, progress: Progress) -> None:
    """Write all that an exact resume needs: weights, optimiser, seed generators, best and mean weights, history."""
    arrays = {f"state_{i}": np.asarray(v) for i, v in enumerate(_state(model))}
    arrays |= {f"best_{i}": weight for i, weight in enumerate(progress.best_weights)}
    arrays |= {f"mean_{i}": weight for i, weight in enumerate(progress.mean_weights)}
    kept = {name: value for name, value in asdict(progress).items() if not name.endswith("_weights")}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, key=key, progress=json.dumps(kept), **arrays)


def snapshot_path(checkpoint: Path, epoch: int) -> Path:
    """Say where a training keeps its network as it was after an epoch (0: before the first) until it is finished."""
    return checkpoint.with_suffix("") / f"{epoch}.keras"


def finish_training(checkpoint: Path, snapshots: Path) -> None:
    """Take down a finished training's checkpoint, if any; networks that it has kept go to the folder ``snapshots``."""
    kept = checkpoint.with_suffix("")
    snapshots.mkdir(parents=True, exist_ok=True)
    # Copied, and the checkpoint goes first: whatever is interrupted here, no checkpoint stays without its snapshots.
    for path in kept.glob("[0-9]*.keras"):
        shutil.copyfile(path, snapshots / path.name)
    checkpoint.unlink(missing_ok=True)
    shutil.rmtree(kept, ignore_errors=True)


def load_progress(path: Path, key: str, model: keras.Model) -> Progress | None:
    """Restore an unfinished training into ``model``; None where there is none of the same data and settings.

    What another training has left of its snapshots is removed.
    """
    saved = _read_checkpoint(path)
    if str(saved.get("key")) != key:
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        return None
    for index, variable in enumerate(_state(model)):
        variable.assign(saved[f"state_{index}"])
    best, mean = (
        [saved[f"{kind}_{index}"] for index in range(len(model.weights)) if f"{kind}_{index}" in saved]
        for kind in ("best", "mean")
    )
    return Progress(**json.loads(str(saved["progress"])), best_weights=best, mean_weights=mean)


def _read_checkpoint(path: Path) -> dict[str, np.ndarray]:
    # A damaged one counts as none: starting again costs time, and gives the same member.
    try:
        with open(path, "rb") as stream, np.load(stream) as saved:
            return dict(saved)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return {}


def _state(model: keras.Model) -> list:
    return [*model.variables, *model.optimizer.variables]
