"""Headers of FITS files: the values of those cards that are asked for."""

import math
import re
import warnings
from pathlib import Path

from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning

from spectrolabe.acquire.readers.errors import ReadError

CARD = 80  # characters
#: The values that nearly all cards have: plain text, whole numbers, decimals, flags.
PLAIN = re.compile(
    r" *(?:'(?P<text>[ -&(-~]*)'|(?P<whole>[+-]?\d{1,18})|(?P<decimal>[+-]?\d+\.\d*(?:E[+-]?\d+)?)|(?P<flag>[TF]))"
    r" *(?:/[ -~]*)?$"
)
CONVERT = {"text": str.rstrip, "whole": int, "decimal": float, "flag": "T".__eq__}


class Header:
    """The cards of a header, each read when it is asked for; of those with one key the first counts.

    Parameters
    ----------
    path, number : the file and the extension, for messages.
    text : the cards, one after another.
    """

    def __init__(self, path: Path, number: int, text: str = ""):
        self._path, self._number = path, number
        self._cards: dict[str, str] = {}
        key = ""
        for start in range(0, len(text), CARD):
            card = text[start : start + CARD]
            if card[8:10] == "= ":
                key = card[:8].rstrip()
                key = "" if key in self._cards else key
                if key:
                    self._cards[key] = card
            elif key and card.startswith("CONTINUE"):
                self._cards[key] += card
            else:
                key = ""

    def get(self, key: str, default=None):
        """Give the value of a card: text, a number, a flag, or None; the default where there is no such card.

        Raises
        ------
        ReadError
            Where the card has no value that the standard knows.
        """
        card = self._cards.get(key)
        if card is None:
            return default
        plain = PLAIN.match(card, 10) if len(card) == CARD else None
        if plain:
            return CONVERT[plain.lastgroup](plain[plain.lastgroup])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)
            try:
                value = fits.Card.fromstring(card).value
            except (fits.VerifyError, ValueError) as error:
                raise self._refuse(key, "a value", card[10:].strip()) from error
        return None if isinstance(value, fits.card.Undefined) else value

    def get_count(self, key: str, usual: int | None = None) -> int:
        """Give a whole number of 0 or more; ``usual`` where there is no such card.

        Raises
        ------
        ReadError
            Where the card holds something else.
        """
        value = self.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._refuse(key, "a whole number, 0 or more,", value)
        return value

    def get_factor(self, key: str, usual: float) -> float:
        """Give a finite number; ``usual`` where there is no such card. Raises as `get_count` does."""
        value = self.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._refuse(key, "a number", value)
        return value

    def _refuse(self, key: str, expected: str, found) -> ReadError:
        return ReadError(self._path, f"expected {expected} in {key} of extension {self._number}, found {found!r}")

    def over(self, other: "Header") -> "Header":
        """Give the cards of this header and, of keys that it lacks, those of another."""
        joined = Header(self._path, self._number)
        joined._cards = other._cards | self._cards
        return joined
