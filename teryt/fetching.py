"""The registers' newest state from GUS's web service, as files to load."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from teryt.models import RegisterName
from teryt.reader import content
from teryt.releases import states
from teryt.ws1 import Ws1

HEAD = 64 * 1024  # bytes of a file in which its first change stands
ORDER = tuple(RegisterName.values)  # each hangs on the one before


def fetch(service: Ws1, folder: Path, *, registers: Iterable[str], whole: bool) -> Iterator[Path]:
    """Files of what is newer than what we hold, written to `folder`, in the order to load them.

    Of a register that we hold its changes, else, or if `whole` is wanted, all of it. Nothing of
    one that has not changed. Raises Ws1Failed, NotARegister.
    """
    held, wanted = states(), set(registers)
    for register in ORDER:
        if register in wanted and (path := newer(service, folder, register, held, whole)):
            yield path


def newer(
    service: Ws1, folder: Path, register: str, held: dict[str, date], whole: bool
) -> Path | None:
    now, ours = service.state_on(register), held.get(register)
    if ours is not None and ours >= now:
        return None
    path = folder / f"{register}_{now}.zip"
    if whole or ours is None:
        service.whole(register, now, path)
        return path
    service.changes(register, ours, now, path)
    return path if has_changes(path) else None


def has_changes(path: Path) -> bool:
    """GUS answers with a file of no changes where there were none."""
    with content(path) as file:
        return b"<zmiana" in file.read(HEAD).lower()
