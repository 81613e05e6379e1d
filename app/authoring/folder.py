"""The bank's folder, read again and again while people write in it: its bank, and where each question's text stands.

A file that has not changed since the last look is not read again. Writing into the folder is `folder_writes`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.authoring.revisions import placed_hash
from app.authoring.single import tidy
from app.bank.cache import ParseCache
from app.bank.catalog import Bank
from app.bank.chunks import chunks
from app.bank.findings import Finding
from app.bank.loader import LoadedFile, load_errata, load_file, load_topics, put_together, topic_files
from app.bank.schema import Erratum, Topic, TopicMap
from app.languages import NOTHING, phrase

Stamp = tuple[int, int, int]  # time of change, size, inode


@dataclass(frozen=True)
class FolderText:
    """A question in its file: lines `start` to `end`, counted from 0, `end` not included.

    `hash` is `placed_hash`; `sound` whether the loader has nothing to say against it.
    """

    question_id: str
    topic_id: str
    path: Path
    start: int
    end: int
    hash: str
    sound: bool


@dataclass(frozen=True)
class Look:
    """What the folder says at one moment.

    `findings` is what the loader left out; `uncut` are questions that it read but whose lines can't be told apart from
    the rest of the file. `texts` by id. A question that is not among them is gone, unless `unsure` says that this can't
    be known. `doubles` are the further texts of questions that stand more than once.
    """

    bank: Bank
    findings: tuple[Finding, ...]
    uncut: tuple[Finding, ...]
    texts: Mapping[str, FolderText]
    doubles: Mapping[str, Sequence[FolderText]]
    unreadable_topics: frozenset[str]
    is_whole: bool

    def unsure(self, question_id: str, topic_id: str) -> bool:
        """Whether a question without a text may still be there: in a file that has faults, or can't be cut."""
        return not self.is_whole or topic_id in self.unreadable_topics or question_id in self.bank.questions


@dataclass(frozen=True)
class _Kept:
    """A file as it was read last. `cuts` are (id, start, end, hash of text and topic) of its questions."""

    stamp: Stamp | None
    loaded: LoadedFile
    cuts: tuple[tuple[str, int, int, str], ...]


class Folder:
    """One bank's folder. `cache_dir` None parses everything at the first look."""

    def __init__(self, root: Path, cache_dir: Path | None) -> None:
        self.root = root
        self._cache_dir = cache_dir
        self._kept: dict[Path, _Kept] = {}
        self._topic_map = TopicMap(areas=(), topics=())
        self._errata: Mapping[str, Erratum] = {}
        self._map_faults: list[Finding] = []
        self._stamps: dict[Path, Stamp | None] = {}
        self._last: Look | None = None
        self._lent: tuple[Topic, ...] = ()

    def lend(self, topics: tuple[Topic, ...]) -> None:
        """Read the folder as if its topic map had these at its end, those that it has not."""
        if topics != self._lent:
            self._lent = topics
            self._stamps = {}  # what else has not changed is not read again

    def look(self) -> Look:
        """Read what is new. Raises OSError where the folder or its topic map is not there at all.

        While `topics.yaml` or `errata.yaml` has faults, the last sound one holds.
        """
        maps = (self.root / "topics.yaml", self.root / "errata.yaml")
        paths = topic_files(self.root)
        stamps = {path: _stamp(path) for path in (*maps, *paths, *self.root.glob("*/*.yml"))}
        if self._last is not None and stamps == self._stamps:
            return self._last
        cache = ParseCache(None if self._last else self._cache_dir)
        cuts_cache = ParseCache(self._cache_dir / "texts" if self._cache_dir and not self._last else None)
        if any(stamps[path] != self._stamps.get(path) for path in maps):
            self._read_maps(cache)
        self._kept = {path: self._read(path, stamps[path], cache, cuts_cache) for path in paths}
        files = [kept.loaded for kept in self._kept.values()]
        bank, findings = put_together(self.root, files, self._whole_map(), self._errata)
        if self._last is None:
            cache.save()
            cuts_cache.save()
        for file in files:
            file.raw = None
        found = sorted([*self._map_faults, *findings])
        self._last = self._seen(bank, found, is_whole=bool(files) and not self._map_faults)
        self._stamps = stamps
        return self._last

    def _read_maps(self, cache: ParseCache) -> None:
        topic_map, map_faults = load_topics(self.root, cache)
        errata, errata_faults = load_errata(self.root, cache)
        if not map_faults:
            self._topic_map = topic_map
        if not errata_faults:
            self._errata = errata
        self._map_faults = [*map_faults, *errata_faults]

    def _whole_map(self) -> TopicMap:
        mine = {topic.id for topic in self._topic_map.topics}
        areas = {area.id for area in self._topic_map.areas}
        more = [topic for topic in self._lent if topic.id not in mine and topic.area in areas]
        return self._topic_map.model_copy(update={"topics": (*self._topic_map.topics, *more)})

    def yaml_of(self, texts: Iterable[FolderText]) -> dict[str, str]:
        """Their texts by id, without those that have changed since the look."""
        wanted: dict[Path, set[str]] = {}
        for text in texts:
            wanted.setdefault(text.path, set()).add(text.hash)
        found: dict[str, str] = {}
        for path, hashes in wanted.items():
            try:
                raw = path.read_bytes()
            except OSError:
                continue
            topic_id = self._kept[path].loaded.topic if path in self._kept else path.stem
            found |= {name: yaml for name, _, _, digest, yaml in _cut(raw, topic_id) if digest in hashes}
        return found

    def _read(self, path: Path, stamp: Stamp | None, cache: ParseCache, cuts_cache: ParseCache) -> _Kept:
        known = self._kept.get(path)
        if known is not None and known.stamp == stamp:
            return known
        loaded = load_file(path, cache)
        return _Kept(stamp, loaded, _cuts(loaded, cuts_cache))

    def _seen(self, bank: Bank, findings: list[Finding], *, is_whole: bool) -> Look:
        faults: dict[Path, list[int]] = {}
        for finding in findings:
            faults.setdefault(finding.path, []).append(finding.line)
        texts: dict[str, FolderText] = {}
        doubles: dict[str, list[FolderText]] = {}
        for path, kept in self._kept.items():
            for name, start, end, digest in kept.cuts:
                entry = bank.questions.get(name)
                placed = entry is not None and entry.path == path and start < entry.line <= end
                sound = placed and not any(start < line <= end for line in faults.get(path, ()))
                text = FolderText(name, kept.loaded.topic or path.stem, path, start, end, digest, sound)
                if name in texts:
                    doubles.setdefault(name, []).append(texts[name] if placed else text)
                if placed or name not in texts:
                    texts[name] = text  # where it stands twice, the one that counts
        unreadable = frozenset(path.stem for path in faults)
        return Look(bank, tuple(findings), tuple(_uncut(bank, texts)), texts, doubles, unreadable, is_whole)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:  # whoever reads it says what is wrong
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _uncut(bank: Bank, texts: Mapping[str, FolderText]) -> Iterator[Finding]:
    for name, entry in bank.questions.items():
        if name not in texts:
            message = phrase("'%(name)s' can be used but not edited in the browser", name=name)
            yield Finding(
                entry.path, entry.line, 1, NOTHING, message, phrase("begin it with '- id: …' on lines of its own")
            )


def _cuts(loaded: LoadedFile, cache: ParseCache) -> tuple[tuple[str, int, int, str], ...]:
    if loaded.raw is None:
        return ()
    kept = cache.get(loaded.raw)
    if isinstance(kept, list):
        return tuple((str(name), int(start), int(end), str(digest)) for name, start, end, digest in kept)
    cuts = tuple(cut[:4] for cut in _cut(loaded.raw, loaded.topic or loaded.path.stem))
    cache.put(loaded.raw, cuts)
    return cuts


def _cut(raw: bytes, topic_id: str) -> Iterator[tuple[str, int, int, str, str]]:
    for chunk in chunks(raw.decode("utf-8", errors="replace")):
        if chunk.question_id:
            yaml = tidy(chunk.text)
            yield chunk.question_id, chunk.start, chunk.end, placed_hash(topic_id, yaml), yaml
