"""Files of catalogues: Parquet, FITS and VOTable, each with units, UCDs, descriptions and provenance."""

import io
import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
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

#: Rows of a row group, converted at once: a multiple of 3, so that base64 needs no padding within.
GROUP = 60_000
#: Kind of a column -> its names in FITS and in VOTables.
FORMATS = {"f4": ("E", "float"), "f8": ("D", "double"), "i2": ("I", "short"), "i4": ("J", "int"), "i8": ("K", "long")}
STREAM = '<DATA><BINARY2><STREAM encoding="base64">\n', "</STREAM></BINARY2></DATA>\n"
#: What every format says of values that are missing.
NULLS = "NaN where a number is missing, an empty text where a text is; integers are never missing"


def write_table(
    slices: Iterable[pd.DataFrame], name: str, about: Mapping[str, str], parquet: Path, *others: Path
) -> None:
    """Write a catalogue, some rows at a time, as Parquet, then as FITS binary tables or VOTables, as names end.

    Missing numbers are null in Parquet, NaN in FITS and both in VOTables; FITS and VOTables hold ASCII alone, other
    letters are escaped. Memory holds `GROUP` rows, or a slice that is longer.

    Parameters
    ----------
    slices : at least one, numbers and text, all with the columns of the first; each column is described by
        `spectrolabe.predict.columns.describe`.
    name : of the table inside FITS and VOTable.
    about : provenance, as `spectrolabe.predict.provenance.provenance` gives it; the bits of the flags are added.
    parquet, others : ``.parquet``, and ``.fits`` or ``.vot``, which are made from it.
    """
    bits = {f"FLAGBIT{bit}": f"{name}: {meaning}" for bit, (name, meaning) in BITS.items()}
    about = {**about, "missing": NULLS, **bits}
    with replacing(parquet) as temporary:
        _write_parquet(slices, about, temporary)
    if others:
        with pq.ParquetFile(parquet) as rows:
            layout = _layout(rows)
            for path in others:
                with replacing(path) as temporary:
                    WRITERS[Path(path).suffix](rows, layout, name, about, temporary)


def _write_parquet(slices, about, path):
    slices = iter(slices)
    first = pa.Table.from_pandas(next(slices), preserve_index=False)
    fields = []
    for field in first.schema:
        meaning, unit, ucd = describe(field.name)
        # A column without any value is one of text: numbers have a kind of their own.
        kind = pa.string() if pa.types.is_null(field.type) else field.type
        fields.append(pa.field(field.name, kind, metadata={"description": meaning, "unit": unit, "ucd": ucd}))
    schema = pa.schema(fields, metadata={**(first.schema.metadata or {}), **about})
    # Floats compress best as planes of bytes, without a dictionary.
    floats = [field.name for field in schema if pa.types.is_floating(field.type)]
    others = [field.name for field in schema if field.name not in floats]
    layout = {"compression": "zstd", "use_dictionary": others, "use_byte_stream_split": floats}
    with pq.ParquetWriter(path, schema, **layout) as writer:
        waiting = schema.empty_table()
        for rows in chain([first], (pa.Table.from_pandas(rows, preserve_index=False) for rows in slices)):
            waiting = pa.concat_tables([waiting, rows.cast(schema)])
            while len(waiting) > GROUP:
                writer.write_table(waiting.slice(0, GROUP).combine_chunks())
                waiting = waiting.slice(GROUP)
        writer.write_table(waiting.combine_chunks())


def _write_fits(table, layout, name, about, path):
    columns = [fits.Column(column, _format(layout[column], 0)) for column in layout.names]
    header = fits.BinTableHDU.from_columns(columns, nrows=0, name=name).header
    header["NAXIS2"] = table.metadata.num_rows
    for index, column in enumerate(layout.names, start=1):
        meaning, unit, ucd = describe(column)
        header[f"TCOMM{index}"], header[f"TUCD{index}"] = meaning, ucd
        if unit and unit != "dex":  # dex is no FITS unit
            header[f"TUNIT{index}"] = unit
    for key, value in about.items():
        header[f"HIERARCH {key}"] = value
    with fits.StreamingHDU(path, header) as file:
        for rows in _groups(table, layout, layout):
            file.write(rows.view(np.uint8))


def _write_votable(table, layout, name, about, path):
    """The head and the end come from astropy, the rows from here: it writes BINARY2 cell by cell."""
    document = _votable(layout, name, about)
    before, after = document.split("</TABLE>")
    null = np.dtype([("null", f"V{-(-len(layout) // 8)}"), *((name, layout[name]) for name in layout.names)])
    with open(path, "wb") as file:
        file.write((before + STREAM[0]).encode())
        for rows in _groups(table, layout, null):
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


WRITERS = {".fits": _write_fits, ".vot": _write_votable}


def _layout(table: pq.ParquetFile) -> np.dtype:
    """Give how a row of the table lies in a binary file: big-endian, text of one width."""
    kinds = {field.name: field.type for field in table.schema_arrow}
    texts = [name for name, kind in kinds.items() if not (pa.types.is_floating(kind) or pa.types.is_integer(kind))]
    widths = dict.fromkeys(texts, 1)
    for group in range(table.num_row_groups if texts else 0):
        rows = table.read_row_group(group, columns=texts).to_pandas()
        lengths = {name: _ascii(rows[name]).str.len().max() for name in texts if len(rows)}
        widths |= {name: max(widths[name], int(length)) for name, length in lengths.items()}
    return np.dtype(
        [
            (name, f"S{widths[name]}" if name in widths else np.dtype(kind.to_pandas_dtype()).newbyteorder(">"))
            for name, kind in kinds.items()
        ]
    )


def _groups(table: pq.ParquetFile, layout: np.dtype, binary: np.dtype) -> Iterator[np.ndarray]:
    """Give the rows of a file, a row group at a time, with the columns of ``layout`` filled."""
    for group in range(table.num_row_groups):
        columns = table.read_row_group(group).to_pandas()
        if len(columns):
            rows = np.zeros(len(columns), binary)
            for name in layout.names:
                text = layout[name].kind == "S"
                rows[name] = _ascii(columns[name]).to_numpy(object) if text else columns[name]
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
