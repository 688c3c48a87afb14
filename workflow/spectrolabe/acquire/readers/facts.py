"""What the files of a format say, or do not say, about their own spectra: the ground of every check before a run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What one file holds, and how its reader knew.

    ``medium`` is "air" or "vacuum", ``medium_from`` where that is written, "" where it was assumed. ``errors`` is
    "sigma", "ivar" or "none" (then they are estimated), ``errors_from`` where they stand. ``mask`` says which pixels
    count as bad. ``unit`` is the unit of wavelengths as the file has it, "" where it names none.
    """

    medium: str
    medium_from: str
    errors: str
    errors_from: str
    mask: str
    unit: str = ""
