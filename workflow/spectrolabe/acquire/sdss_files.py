"""Files of simulated SDSS and BOSS spectra, with the tables, columns and formats of the real ones."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from spectrolabe.acquire.layouts import fill_block

#: Columns of a spectrum's table, one row per pixel.
COADD = {
    "flux": "E", "loglam": "E", "ivar": "E", "and_mask": "J", "or_mask": "J", "wdisp": "E", "sky": "E", "model": "E",
}  # fmt: skip
#: What is known of the star in both surveys' second table, of some 120 and 240 columns, in their order.
FACTS = {
    "PLATE": "J", "MJD": "J", "FIBERID": "J", "PLUG_RA": "D", "PLUG_DEC": "D", "CLASS": "6A", "SUBCLASS": "21A",
    "Z": "E", "Z_ERR": "E", "WAVEMIN": "E", "WAVEMAX": "E", "ZWARNING": "J", "SN_MEDIAN_ALL": "E", "ANYANDMASK": "J",
    "ANYORMASK": "J",
}  # fmt: skip
#: Instrument -> name and comment of the second table, and its columns: the photometric object has a name in each.
RESULTS = {
    "SDSS": ("SPECOBJ", "Metadata from specObj row", {"BESTOBJID": "19A"} | FACTS),
    "BOSS": ("SPALL", "Metadata from spAll row", FACTS | {"OBJID": "19A"}),
}
#: Columns of the lines that the survey measures; the table has no rows here.
LINES = {"PLATE": "J", "MJD": "J", "FIBERID": "J", "LINENAME": "13A", "LINEWAVE": "D", "LINEZ": "E", "LINEZ_ERR": "E"}
LINES |= {f"LINE{name}{error}": "E" for name in ("SIGMA", "AREA", "EW", "CONTLEVEL") for error in ("", "_ERR")}
LINES |= {"LINENPIXLEFT": "J", "LINENPIXRIGHT": "J", "LINEDOF": "E", "LINECHI2": "E"}
KINDS = {"E": ">f4", "D": ">f8", "J": ">i4"}
#: Dex in log10 wavelength from pixel to pixel.
STEP = 1e-4


def name_spectrum(plate: int, mjd: int, fiber: int) -> str:
    """Give the name of a spectrum's file, without its ending."""
    return f"spec-{plate:04d}-{mjd:05d}-{fiber:04d}"


class SdssWriter:
    """Writes spectra as SDSS's (or BOSS's) lite files: see the reader ``sdss_spec``.

    Headers but for the star's own cards are made once, which takes a tenth of the time.

    Parameters
    ----------
    instrument : a key of `RESULTS`.
    """

    def __init__(self, instrument: str):
        name, comment, columns = RESULTS[instrument]
        self._coadd = _table_header(COADD, "COADD", "Coadded spectrum")
        self._result = _table_header(columns, name, comment)
        self._lines = _with_rows(_table_header(LINES, "SPZLINE", "Line fits from spZline"), 0)
        self._row, self._kind = np.zeros(1, _row_type(columns)), _row_type(COADD)
        common = {"ORIGIN": "SIMULATED", "TELESCOP": "SDSS 2.5-M", "INSTRUME": instrument, "VACUUM": True}
        common |= {"COEFF1": STEP, "DC-FLAG": 1, "BUNIT": "1E-17 erg/cm^2/s/Ang"}
        header = fits.PrimaryHDU(header=fits.Header(common)).header
        self._primary = header.tostring(endcard=False, padding=False)

    def __call__(self, path: Path, first: int, coadd: Mapping[str, np.ndarray], facts: Mapping) -> None:
        """Write one spectrum.

        Parameters
        ----------
        path : of the file.
        first : log10 of the first pixel's wavelength (angstrom, vacuum) in units of `STEP`.
        coadd : the columns of `COADD` but ``loglam``, shape (n_pixels,) each; flux, sky and model in
            1e-17 erg/s/cm2/angstrom, wdisp in pixels.
        facts : the columns of the second table but those that follow from the spectrum.
        """
        table = np.zeros(len(coadd["flux"]), self._kind)
        table["loglam"] = STEP * (first + np.arange(len(table)))
        for name, values in coadd.items():
            table[name] = values
        for name, value in facts.items():
            self._row[name] = value
        ends = 10 ** (STEP * np.array([first, first + len(table) - 1]))
        self._row["WAVEMIN"], self._row["WAVEMAX"] = ends
        for name in ("and_mask", "or_mask"):
            self._row[f"ANY{name.replace('_', '').upper()}"] = np.bitwise_or.reduce(table[name])
        blocks = [self._head(first, facts), _with_rows(self._coadd, len(table)), fill_block(table.tobytes(), b"\0")]
        blocks += [_with_rows(self._result, 1), fill_block(self._row.tobytes(), b"\0"), self._lines]
        path.write_bytes(b"".join(blocks))

    def _head(self, first, facts):
        names = {"PLATEID": "PLATE", "MJD": "MJD", "FIBERID": "FIBERID", "PLUG_RA": "PLUG_RA", "PLUG_DEC": "PLUG_DEC"}
        star = {key: facts[name] for key, name in names.items()} | {"COEFF0": round(STEP * first, 4)}
        # astropy's own cards would take half of a file's time.
        cards = "".join(f"{f'{key:8}= {value!s:>20}':80}" for key, value in star.items())
        return fill_block(f"{self._primary}{cards}{'END':80}".encode("ascii"), b" ")


def _row_type(columns):
    return [(name, KINDS.get(form) or f"S{form.removesuffix('A')}") for name, form in columns.items()]


def _table_header(columns, name, comment):
    fields = [fits.Column(column, form) for column, form in columns.items()]
    table = fits.BinTableHDU.from_columns(fields, nrows=0, name=name)
    table.header["COMMENT"] = comment
    return table.header.tostring().encode("ascii")


def _with_rows(header, count):
    """Give a table's header with its number of rows, which a card holds in its columns 11 to 30."""
    start = header.index(b"NAXIS2  =") + 10
    return header[:start] + f"{count:>20}".encode("ascii") + header[start + 20 :]
