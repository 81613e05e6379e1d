"""Parsed files kept as JSON under the hash of their bytes, so that a start need not parse YAML again.

One file holds all, rewritten whole and atomically when a source changed. A cache that can't be read or written only
costs time: whatever is wrong with it, the sources are parsed instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

FORMAT = 2


class ParseCache:
    """What was parsed before, by content. `cache_dir` None keeps nothing."""

    def __init__(self, cache_dir: Path | None) -> None:
        self._path = cache_dir / "bank.json" if cache_dir else None
        self._before = self._read()
        self._now: dict[str, object] = {}

    def get(self, raw: bytes) -> object | None:
        """What was kept for these bytes."""
        digest = _digest(raw)
        if digest in self._before:
            self._now[digest] = self._before[digest]
        return self._now.get(digest)

    def put(self, raw: bytes, content: object) -> None:
        """Keep `content` (JSON) for these bytes."""
        self._now[_digest(raw)] = content

    def drop(self, raw: bytes) -> None:
        """Forget what turned out to be unusable."""
        self._before.pop(_digest(raw), None)
        self._now.pop(_digest(raw), None)

    def save(self) -> None:
        """Write what was used or put since the start, if that is not what the file says."""
        if self._path is None or self._now == self._before:
            return
        fresh = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"format": FORMAT, "files": self._now}, ensure_ascii=False), encoding="utf-8")
            fresh.replace(self._path)

    def _read(self) -> dict[str, object]:
        if self._path is None:
            return {}
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        files = kept.get("files") if isinstance(kept, dict) and kept.get("format") == FORMAT else None
        return files if isinstance(files, dict) else {}


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]
