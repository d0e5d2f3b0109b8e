"""Bodies of bounded size, packed or not: 306 kB of gzip may hold 300 MB."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from gateway.sources.problem import SourceProblem

#: How much is unpacked at a time, so that a bomb costs one step and no more.
_STEP = 256 * 1024


async def bounded(raw: AsyncIterator[bytes], encoding: str | None, max_bytes: int) -> bytes:
    """The body as sent, unpacked. Raises SourceProblem beyond `max_bytes`, for a broken or unknown packing."""
    name = (encoding or "identity").strip().lower()
    if name not in {"identity", "gzip", "x-gzip"}:
        raise SourceProblem("it answered in a packing that was not asked for")
    unpacker = zlib.decompressobj(wbits=31) if name != "identity" else None
    body = bytearray()
    arrived = 0
    async for part in raw:
        arrived += len(part)
        if arrived > max_bytes:
            raise _too_large(max_bytes)
        if unpacker is None:
            body += part
        else:
            _unpack(unpacker, part, body, max_bytes)
    if unpacker is not None and arrived and not unpacker.eof:
        raise SourceProblem("its answer broke off")
    return bytes(body)


def _unpack(unpacker: zlib._Decompress, part: bytes, body: bytearray, max_bytes: int) -> None:
    if unpacker.eof:
        raise SourceProblem("its answer was packed wrongly")
    try:
        full = True
        while part or full:
            step = unpacker.decompress(part, _STEP)
            body += step
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
            # A full step may leave output waiting inside although no input is left.
            part, full = unpacker.unconsumed_tail, len(step) == _STEP
    except zlib.error:
        raise SourceProblem("its answer was packed wrongly") from None


def _too_large(max_bytes: int) -> SourceProblem:
    return SourceProblem(f"its answer was larger than {max_bytes} bytes")
