"""How long maps of similar spectra take, beside scikit-learn's t-SNE: prints a Markdown table.

python benchmarks/embed_spectra.py
"""

import os
import sys
from pathlib import Path

# One core each: read by the libraries below when they are imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.manifold import TSNE

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, time_side_by_side, write_ratio

from spectrolabe.prepare.maps import fit_map

COMPONENTS, KINDS, PERPLEXITY, NEW = 50, 20, 30.0, 500
#: Spectra of a map -> repeats; the larger one takes a minute a time.
SIZES = {2000: REPEATS, 5000: 1}


def main() -> None:
    print(f"Spectra as {COMPONENTS} components, of {KINDS} kinds; processor time of one core, median of the repeats\n")
    print(f"| spectra | repeats | openTSNE, s | scikit-learn, s | ratio | {NEW} new spectra placed, s |")
    print("|---|---|---|---|---|---|")
    for size, repeats in SIZES.items():
        known, new = invent(size + NEW, 1)[:size], invent(size + NEW, 1)[size:]
        maps = {}
        ways = {
            "own": lambda maps=maps, known=known: maps.update(fitted=fit_map(known, PERPLEXITY, 1)),
            "sklearn": lambda known=known: TSNE(perplexity=PERPLEXITY, random_state=1, n_jobs=1).fit_transform(known),
            "place": lambda maps=maps, new=new: maps["fitted"].place(new),
        }
        seconds = time_side_by_side(ways, repeats, warm_up=repeats > 1)
        own, other = seconds["own"], seconds["sklearn"]
        numbers = f"{own:.1f} | {other:.1f} | {write_ratio(other / own)} | {seconds['place']:.1f}"
        print(f"| {size} | {repeats} | {numbers} |", flush=True)
    print("\nscikit-learn's t-SNE cannot place new spectra in a map: it fits another one, of all of them.")


def invent(count: int, seed: int) -> np.ndarray:
    """Give coefficients of spectra of several kinds, shape (count, COMPONENTS): the first ones vary most."""
    rng = np.random.default_rng(seed)
    spread = 1 / np.sqrt(np.arange(1, COMPONENTS + 1))
    kinds = 3 * rng.standard_normal((KINDS, COMPONENTS))
    return (kinds[rng.integers(KINDS, size=count)] + rng.standard_normal((count, COMPONENTS))) * spread


if __name__ == "__main__":
    main()
