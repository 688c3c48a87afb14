"""What a network said at several times of its training: one member's labels of the validation stars."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from spectrolabe.predict.labelling import predict_labels
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.selection import judge_history


def list_epochs(
    kept: Mapping, histories: Sequence[Path], snapshots: Sequence[Path], members: Sequence[Path]
) -> Iterator[tuple[int, Path, bool]]:
    """Give the epochs that there is a network of, in order, for the kept member of the lowest validation loss.

    Parameters
    ----------
    kept : ``members`` and the ``validation_loss`` of each, as `choose_members` has written them.
    histories, members : files of all members, named as they are.
    snapshots : folders of `.keras` files named by their epochs, a folder for each member.

    Returns
    -------
    Number of the epoch (0: before the first), file, and whether it is the epoch that the member was kept at.
    """
    best = min(kept["members"], key=lambda member: (kept["validation_loss"][member], member))
    history, folder, member = (
        next(Path(path) for path in paths if Path(path).stem == best) for paths in (histories, snapshots, members)
    )
    kept_at, _ = judge_history(pd.read_parquet(history))
    networks = {int(path.stem): path for path in folder.glob("*.keras")} | {kept_at: member}
    for epoch in sorted(networks):
        yield epoch, networks[epoch], networks[epoch] == member


def predict_epochs(
    validation: Spectra, epochs: Iterator[tuple[int, Path, bool]], head: Mapping, labels: Sequence[str]
) -> pd.DataFrame:
    """Predict the labels of spectra by one network after the other.

    Parameters
    ----------
    validation : spectra with the labels that networks were trained on.
    epochs : see `list_epochs`.
    head, labels : see `spectrolabe.predict.labelling.predict_labels`.

    Returns
    -------
    One row per epoch and spectrum: ``spectrum_id``, ``epoch``, ``kept``, per label ``L`` as predicted, and
    ``L_reference``, as it was trained on.
    """
    names = {label: f"{label}_reference" for label in labels}
    references = validation.table[list(labels)].rename(columns=names)
    tables = []
    for epoch, network, is_kept in epochs:
        predicted, _ = predict_labels(validation, [network], head, labels)
        rows = predicted[["spectrum_id", *labels]].assign(epoch=epoch, kept=is_kept)
        tables.append(pd.concat([rows, references], axis=1))
    return pd.concat(tables, ignore_index=True)
