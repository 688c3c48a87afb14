"""Seeds that depend on names: functions of text, from the standard library, as the plan of a run needs them too."""

from hashlib import blake2b


def derive_seed(*parts: str | int) -> int:
    """Give a seed (0 <= seed < 2**64) from a recipe's seed and names: the same parts give the same on every machine."""
    return derive_number(*parts, size=8)


def derive_number(*parts: str | int, size: int) -> int:
    """Give a number of so many bytes from a seed and names, as `derive_seed` does."""
    joined = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(joined.encode(), digest_size=size).digest(), "big")
