"""The one exception by which a reader says that a file gives no spectrum."""

from pathlib import Path


class ReadError(ValueError):
    """A file that gives no spectrum: ``path`` names it, ``reason`` says what was expected and what was found."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = Path(path)
        self.reason = " ".join(reason.split())
        super().__init__(f"{path}: {self.reason}")

    def __reduce__(self) -> tuple:
        """Survive being passed between processes, which would otherwise call the constructor with the message alone."""
        return ReadError, (self.path, self.reason)
