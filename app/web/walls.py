"""Whether the sandbox of this process runs anything: tried at the start, and again until it does."""

from __future__ import annotations

import threading

import structlog

from app.sandbox import Job, Sandbox, SandboxError

log = structlog.get_logger()
RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
_PROBE = Job("def stand():\n    return True\n", "stand", [()])


class Walls:
    """Proves in the background that a sandbox's walls stand."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._closing = threading.Event()
        self.stand = True  # until it is known better: who comes first need not wait for the proof

    def start(self) -> None:
        threading.Thread(target=self._prove, name="sandbox-proof", daemon=True).start()

    def close(self) -> None:
        self._closing.set()

    def _prove(self) -> None:
        """Try until a job is run: what keeps the walls down may pass, and then nobody should have to restart us."""
        pause_s = RETRY_S
        while not self._closing.is_set():
            try:
                self._sandbox.run(_PROBE)
            except SandboxError as error:
                self.stand = False
                if not self._closing.is_set():
                    log.error("code is not run on this server", why=str(error))
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_RETRY_S)
            else:
                self.stand = True
                return
