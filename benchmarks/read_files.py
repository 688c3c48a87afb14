"""How fast one core reads files of SDSS and BOSS spectra, beside specutils, astropy and fitsio: prints Markdown tables.

python benchmarks/read_files.py            # files as the survey publishes them, with invented numbers
python benchmarks/read_files.py spec-0266-51602-0031.fits ...
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import fitsio
import numpy as np
from astropy.io import fits
from specutils import Spectrum

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, compare_with_goal, time_side_by_side, write_ratio

from spectrolabe.acquire.readers import read_file
from spectrolabe.acquire.sdss_files import COADD, SdssWriter
from spectrolabe.acquire.sdss_simulation import EXTENTS

#: Instrument -> columns of the second table of a published file, of which a simulated file has some fifteen.
COLUMNS = {"SDSS": 126, "BOSS": 236}
WANTED, FACTS = ("flux", "loglam", "ivar", "and_mask"), ("PLUG_RA", "PLUG_DEC", "Z", "CLASS", "SN_MEDIAN_ALL")
#: Reads in a repeat, for those that take milliseconds.
READS, OWN, AUTOMATIC, GOAL = 10, "this workflow: read_file", "specutils: Spectrum.read, format found by itself", 5


def main(paths: list[Path]) -> None:
    if paths:
        report(paths)
        return
    with TemporaryDirectory() as folder:
        report([write_file(Path(folder), instrument) for instrument in COLUMNS])


def report(paths: list[Path]) -> None:
    """Print a table per file, and the smallest ratio."""
    print(f"Processor time of one core, medians of {REPEATS} repeats, files in the system's cache\n")
    ratios = []
    for path in paths:
        print(f"{describe(path)}\n\n| read by | ms | times as long as this workflow |\n|---|---|---|")
        seconds = time_side_by_side(ways(path))
        seconds = {name: each / (1 if name == AUTOMATIC else READS) for name, each in seconds.items()}
        for name, each in seconds.items():
            print(f"| {name} | {1e3 * each:.2f} | {write_ratio(each / seconds[OWN])} |")
        print(flush=True)
        ratios.append(seconds[AUTOMATIC] / seconds[OWN])
    print(f"specutils against this workflow: {compare_with_goal(min(ratios), GOAL)}.")


def write_file(folder: Path, instrument: str) -> Path:
    """Write a file with the pixels, tables and number of columns of a published one ("lite", without exposures)."""
    first, size, _ = EXTENTS[instrument]
    rng = np.random.default_rng(7)
    coadd = {name: np.zeros(size) for name in COADD if name != "loglam"} | {"flux": rng.normal(100, 5, size)}
    facts = {"PLATE": 266, "MJD": 51602, "FIBERID": 31, "PLUG_RA": 146.0, "PLUG_DEC": -0.7, "CLASS": "STAR"}
    facts |= {"SUBCLASS": "G2", "Z": 1e-4, "Z_ERR": 1e-5, "ZWARNING": 0, "SN_MEDIAN_ALL": 20.0}
    path = folder / f"spec-{instrument.lower()}.fits"
    SdssWriter(instrument)(path, first, coadd | {"ivar": np.full(size, 0.04)}, facts)
    with fits.open(path) as hdus:
        # The version of the survey's pipeline, which specutils knows the format by.
        hdus[0].header["VERS2D"] = "v5_7_0"
        others = [fits.Column(f"OTHER_{i}", "5E") for i in range(len(hdus[2].columns), COLUMNS[instrument])]
        columns = hdus[2].columns + fits.ColDefs(others)
        hdus[2] = fits.BinTableHDU.from_columns(columns, nrows=1, name=hdus[2].name)
        hdus.writeto(path, overwrite=True)
    return path


def describe(path: Path) -> str:
    with fits.open(path) as hdus:
        tables = f"tables of {len(hdus[1].columns)} and {len(hdus[2].columns)} columns"
        return f"`{path.name}`: {hdus[1].header['NAXIS2']} pixels, {tables}, {path.stat().st_size / 1e3:.0f} kB"


def ways(path: Path) -> dict[str, Callable]:
    """Give name -> what reads the file, several times where that takes milliseconds."""

    def read_by_astropy():
        with fits.open(path) as hdus:
            return [hdus[1].data[name].copy() for name in WANTED], [hdus[2].data[name][0] for name in FACTS]

    def read_by_fitsio():
        with fitsio.FITS(path) as hdus:
            return hdus[1].read(columns=WANTED), hdus[2].read(columns=FACTS)

    quick = {
        OWN: lambda: read_file(path, "sdss_spec"),
        "fitsio: the columns wanted": read_by_fitsio,
        "astropy.io.fits: the columns wanted": read_by_astropy,
        "specutils: Spectrum.read, format given": lambda: Spectrum.read(path, format="SDSS-III/IV spec"),
    }
    several = {name: lambda work=work: [work() for _ in range(READS)] for name, work in quick.items()}
    return several | {AUTOMATIC: lambda: Spectrum.read(path)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main([Path(name) for name in sys.argv[1:]])
