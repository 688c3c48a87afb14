"""Files of catalogues: Parquet, FITS and VOTable, each with units, UCDs, descriptions and provenance."""

import io
import re
from binascii import b2a_base64
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.io.votable.tree import Field, Info, Resource, TableElement, VOTableFile

from spectrolabe.predict.columns import describe
from spectrolabe.predict.flags import BITS
from spectrolabe.spectra.table import replacing

#: Rows that are converted at once, for the sake of memory: a multiple of 3, so that base64 needs no padding within.
SLICE = 60_000
#: Kind of a column -> its names in FITS and in VOTables.
FORMATS = {"f4": ("E", "float"), "f8": ("D", "double"), "i2": ("I", "short"), "i4": ("J", "int"), "i8": ("K", "long")}
STREAM = '<DATA><BINARY2><STREAM encoding="base64">\n', "</STREAM></BINARY2></DATA>\n"
#: What every format says of values that are missing.
NULLS = "NaN where a number is missing, an empty text where a text is; integers are never missing"


def write_table(table: pd.DataFrame, name: str, about: Mapping[str, str], *paths: Path) -> None:
    """Write a catalogue as Parquet, FITS binary table or VOTable, whichever the names of the files end in.

    Missing numbers are null in Parquet, NaN in FITS and both in VOTables; FITS and VOTables hold ASCII alone, other
    letters are escaped. A million rows need no more memory than the table and a slice of it.

    Parameters
    ----------
    table : numbers and text; each column is described by `spectrolabe.predict.columns.describe`.
    name : of the table inside FITS and VOTable.
    about : provenance, as `spectrolabe.predict.provenance.provenance` gives it; the bits of the flags are added.
    paths : ``.parquet``, ``.fits`` or ``.vot``.
    """
    bits = {f"FLAGBIT{bit}": f"{name}: {meaning}" for bit, (name, meaning) in BITS.items()}
    for path in paths:
        with replacing(path) as temporary:
            WRITERS[Path(path).suffix](table, name, {**about, "missing": NULLS, **bits}, temporary)


def _write_parquet(table, name, about, path):
    rows = pa.Table.from_pandas(table, preserve_index=False)
    fields = []
    for field in rows.schema:
        meaning, unit, ucd = describe(field.name)
        fields.append(field.with_metadata({"description": meaning, "unit": unit, "ucd": ucd}))
    rows = rows.cast(pa.schema(fields, metadata={**(rows.schema.metadata or {}), **about}))
    # Floats compress best as planes of bytes, without a dictionary.
    floats = [field.name for field in rows.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in rows.schema if field.name not in floats]
    pq.write_table(rows, path, compression="zstd", use_dictionary=others, use_byte_stream_split=floats)


def _write_fits(table, name, about, path):
    texts, layout = _layout(table)
    columns = [fits.Column(column, _format(layout[column], 0)) for column in layout.names]
    header = fits.BinTableHDU.from_columns(columns, nrows=0, name=name).header
    header["NAXIS2"] = len(table)
    for index, column in enumerate(layout.names, start=1):
        meaning, unit, ucd = describe(column)
        header[f"TCOMM{index}"], header[f"TUCD{index}"] = meaning, ucd
        if unit and unit != "dex":  # dex is no FITS unit
            header[f"TUNIT{index}"] = unit
    for key, value in about.items():
        header[f"HIERARCH {key}"] = value
    with fits.StreamingHDU(path, header) as file:
        for rows in _slices(table, texts, layout):
            file.write(rows.view(np.uint8))


def _write_votable(table, name, about, path):
    """The head and the end come from astropy, the rows from here: it writes BINARY2 cell by cell."""
    texts, layout = _layout(table)
    document = _votable(layout, name, about)
    before, after = document.split("</TABLE>")
    null = np.dtype([("null", f"V{-(-len(layout) // 8)}"), *((name, layout[name]) for name in layout.names)])
    with open(path, "wb") as file:
        file.write((before + STREAM[0]).encode())
        for rows in _slices(table, texts, null):
            missing = np.stack([_is_missing(rows[column]) for column in layout.names], axis=1)
            rows["null"] = np.packbits(missing, axis=1).view(null["null"])[:, 0]
            file.write(b2a_base64(rows.tobytes()))
        file.write((STREAM[1] + "</TABLE>" + after).encode())


def _votable(layout, name, about):
    document = VOTableFile(version="1.4")
    resource = Resource(type="results")
    document.resources.append(resource)
    infos = (Info(ID="about_" + re.sub(r"\W", "_", key), name=key, value=value) for key, value in about.items())
    resource.infos.extend(infos)
    element = TableElement(document, name=name)
    resource.tables.append(element)
    for column in layout.names:
        meaning, unit, ucd = describe(column)
        size = {"arraysize": str(layout[column].itemsize)} if layout[column].kind == "S" else {}
        kind = _format(layout[column], 1)
        field = Field(document, ID=column, name=column, datatype=kind, ucd=ucd or None, **size)
        field.unit = unit if unit and unit != "dex" else None  # nor is it a VOUnit
        field.description = meaning
        element.fields.append(field)
    written = io.BytesIO()
    document.to_xml(written)
    return written.getvalue().decode()


WRITERS = {".parquet": _write_parquet, ".fits": _write_fits, ".vot": _write_votable}


def _layout(table: pd.DataFrame) -> tuple[dict[str, pd.Series], np.dtype]:
    """Give the columns of text in ASCII, and how a row of the table lies in a file: big-endian, text of one width."""
    texts = {name: _ascii(table[name]) for name in table if not pd.api.types.is_numeric_dtype(table[name])}
    widths = {name: max(1, int(text.str.len().max())) if len(text) else 1 for name, text in texts.items()}
    kinds = [f"S{widths[name]}" if name in texts else table[name].dtype.newbyteorder(">") for name in table]
    return texts, np.dtype(list(zip(table, kinds, strict=True)))


def _slices(table: pd.DataFrame, texts: Mapping[str, pd.Series], layout: np.dtype) -> Iterator[np.ndarray]:
    for start in range(0, len(table), SLICE):
        part = slice(start, start + SLICE)
        rows = np.zeros(len(table.iloc[part]), layout)
        for name in table:
            rows[name] = texts[name].iloc[part].to_numpy(object) if name in texts else table[name].iloc[part]
        yield rows


def _ascii(column):
    text = column.fillna("").astype("str")
    plain = text.str.isascii()
    if plain.all():
        return text
    return text.mask(~plain, text[~plain].map(lambda word: word.encode("ascii", "backslashreplace").decode()))


def _format(kind, place):
    if kind.kind == "S":
        return (f"{kind.itemsize}A", "char")[place]
    return FORMATS[kind.str[1:]][place]


def _is_missing(values):
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
