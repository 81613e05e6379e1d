"""What an attack may go for, and what it has changed there."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.sandbox import launch
from app.sandbox.cell.syscalls import prctl

_SECRET = "WORD = 'what no submission may read'\n"
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


class Surroundings:
    """A folder to write in, a file to read, and a process of the same user to signal."""

    def __init__(self, folder: Path, uid: int) -> None:
        folder.chmod(0o777)
        self._folder = folder
        self._secret = folder / "secret.py"
        self._restore()
        self._decoy = os.fork()
        if self._decoy == 0:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getuid() != uid:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            prctl(_PR_SET_DUMPABLE, 1)
            while True:
                signal.pause()

    def given(self, step: str) -> dict[str, object]:
        return {"folder": str(self._folder), "secret": str(self._secret), "pid": self._decoy, "step": step}

    def harm(self) -> list[str]:
        """What an attack has changed here, seen from outside. Undoes it."""
        found = [f"made {path.name}" for path in self._folder.iterdir() if path != self._secret]
        if not self._secret.is_file() or self._secret.read_text() != _SECRET or self._secret.stat().st_nlink > 1:
            found.append("changed the secret")
        if os.waitpid(self._decoy, os.WNOHANG) != (0, 0):
            found.append("killed the other process")
        if found:
            self._restore()
        return found

    def _restore(self) -> None:
        for path in self._folder.iterdir():
            path.rmdir() if path.is_dir() else path.unlink()
        self._secret.write_text(_SECRET)
        self._secret.chmod(0o666)

    def close(self) -> None:
        os.kill(self._decoy, signal.SIGKILL)
        os.waitpid(self._decoy, 0)


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    uid = launch.SANDBOX_UID if os.geteuid() == 0 else os.getuid()
    with tempfile.TemporaryDirectory() as folder:
        made = Surroundings(Path(folder), uid)
        try:
            yield made
        finally:
            made.close()
