"""From the bytes of a source file to its text, as Python reads them: UTF-8, or the encoding its first lines name."""

from __future__ import annotations

import io
import tokenize

from app.grading.preview import plain
from app.languages import Message

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class UndecodableError(ValueError):
    """The bytes are no text in the encoding they claim; `message` says where and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def decode(data: bytes) -> str:
    """The text of a source file, without its byte order mark. Raises `UndecodableError`."""
    if data.startswith(_UTF_16):
        raise UndecodableError(Message("The file is UTF-16; save it as UTF-8.", "文件是 UTF-16 编码，请另存为 UTF-8。"))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise UndecodableError(_bad_byte(data) or _unknown(str(error.msg))) from None
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        found = _bad_byte(data) if encoding.startswith("utf-8") else None
        raise UndecodableError(found or _unknown(f"{encoding}: {error}")) from None


def _bad_byte(data: bytes) -> Message | None:
    """The first byte that is not UTF-8, with its line."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        byte = data[error.start]
        return Message(
            f"Line {line}: the byte 0x{byte:02X} is not UTF-8. Save the file as UTF-8, "
            "or name its encoding in the first line: # -*- coding: latin-1 -*-",
            f"第 {line} 行：字节 0x{byte:02X} 不是 UTF-8。请把文件另存为 UTF-8，"
            "或在第一行注明编码：# -*- coding: gbk -*-",
        )
    return None


def _unknown(reason: str) -> Message:
    said = plain(reason)[:120]
    return Message(f"The encoding that the file names can't be read: {said}.", f"无法按文件注明的编码读取：{said}。")
