"""The one way the business says no."""


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """A rule of the business forbids this act.

    ``code`` is stable and for programs, ``message`` is translated and for people, ``field`` names the input to blame.
    Doors turn it into a form redrawn with 422, a problem document with 400, or a line of a file report.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Conflict(Refused):
    """Somebody else changed the row since it was read; ``theirs`` maps field names to their values."""

    def __init__(self, message: str, *, theirs: dict[str, str]) -> None:
        super().__init__("conflict", message)
        self.theirs = theirs
