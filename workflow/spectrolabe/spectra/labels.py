"""Units of labels: the one table that grid files, catalogues and figures share."""

#: Label -> unit; every other label is a logarithm (dex).
UNITS = {"teff": "K"} | dict.fromkeys(["vsini", "vbroad", "vmic", "vrot", "rv", "vrad"], "km/s")


def unit_of(label: str) -> str:
    """Give a label's unit: K, km/s, or dex."""
    return UNITS.get(label, "dex")
