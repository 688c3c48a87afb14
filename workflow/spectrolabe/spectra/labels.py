"""Units and names of labels: the one table that grid files, catalogues and figures share."""

import re

#: Label -> unit; every other label is a logarithm (dex).
UNITS = {"teff": "K"} | dict.fromkeys(["vsini", "vbroad", "vmic", "vrot", "rv", "vrad"], "km/s")


def unit_of(label: str) -> str:
    """Give a label's unit: K, km/s, or dex."""
    return UNITS.get(label, "dex")


def abundance_of(label: str) -> str | None:
    """Write an abundance as astronomers do: ``mg_fe`` is [Mg/Fe], ``a_mg`` is A(Mg); None of any other label."""
    absolute, ratio = re.fullmatch(r"a_([a-z]{1,2})", label), re.fullmatch(r"([a-z]{1,2})_?(fe|h)", label)
    if absolute:
        return f"A({absolute[1].capitalize()})"
    return f"[{ratio[1].capitalize()}/{ratio[2].capitalize()}]" if ratio else None


def element_of(label: str) -> str | None:
    """Give the element whose abundance a label is, "Mg" of ``mg_fe`` and ``a_mg``; None of any other label."""
    found = re.fullmatch(r"a_([a-z]{1,2})|([a-z]{1,2})_?(?:fe|h)", label)
    return (found[1] or found[2]).capitalize() if found else None
