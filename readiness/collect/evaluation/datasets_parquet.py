"""Row count and column names of a Parquet file, from its Thrift footer alone."""

from __future__ import annotations

from typing import Final

_MAX_FOOTER: Final = 4_000_000
_MAX_ITEMS: Final = 200_000
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_SCHEMA, _ROWS, _NAME = 2, 3, 4
"""Field numbers: FileMetaData.schema, FileMetaData.num_rows, SchemaElement.name."""


def parquet_shape(data: bytes) -> tuple[int, tuple[str, ...]] | None:
    """Rows and column names (nested ones by their last name), or None when the bytes are no Parquet file."""
    if len(data) < 12 or data[:4] != b"PAR1" or data[-4:] != b"PAR1":
        return None
    size = int.from_bytes(data[-8:-4], "little")
    if not 0 < size <= min(_MAX_FOOTER, len(data) - 12):
        return None
    try:
        return _Footer(data[-8 - size : -8]).read()
    except (IndexError, ValueError):
        return None


class _Footer:
    """A reader of Thrift's compact protocol that keeps three fields and skips the rest.

    Raises:
        IndexError: the bytes end early.
        ValueError: they are no such structure.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.items = 0

    def read(self) -> tuple[int, tuple[str, ...]] | None:
        rows, names, field = None, list[str](), 0
        while (head := self._byte()) != _STOP:
            field, kind = self._field(head, field)
            if field == _SCHEMA and kind == _LIST:
                names = [self._element() for _ in range(self._list()[0])]
            elif field == _ROWS:
                rows = self._integer()
                break
            else:
                self._skip(kind, 0)
        return (rows, tuple(names[1:])) if rows is not None else None

    def _element(self) -> str:
        name, field = "", 0
        while (head := self._byte()) != _STOP:
            field, kind = self._field(head, field)
            if field == _NAME and kind == _BINARY:
                name = self._binary().decode(errors="replace")
            else:
                self._skip(kind, 0)
        return name

    def _byte(self) -> int:
        value = self.data[self.position]
        self.position += 1
        return value

    def _varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 70:
                raise ValueError("a number of more than ten bytes")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _binary(self) -> bytes:
        size = self._varint()
        value = self.data[self.position : self.position + size]
        self.position += size
        return value

    def _field(self, head: int, previous: int) -> tuple[int, int]:
        return (previous + (head >> 4) if head >> 4 else self._integer()), head & 0x0F

    def _list(self) -> tuple[int, int]:
        head = self._byte()
        size = head >> 4 if head >> 4 != 15 else self._varint()
        self.items += size
        if self.items > _MAX_ITEMS:
            raise ValueError("too many items")
        return size, head & 0x0F

    def _skip(self, kind: int, depth: int) -> None:
        if depth > 20:
            raise ValueError("too deep")
        match kind:
            case 1 | 2:
                pass
            case 3:
                self._byte()
            case 4 | 5 | 6:
                self._varint()
            case 7:
                self.position += 8
            case 8:
                self._binary()
            case 9 | 10:
                size, item = self._list()
                for _ in range(size):
                    self._skip(item if item > _FALSE else _BYTE, depth + 1)
            case 12:
                field = 0
                while (head := self._byte()) != _STOP:
                    field, inner = self._field(head, field)
                    self._skip(inner, depth + 1)
            case _:
                raise ValueError(f"unknown type {kind}")
