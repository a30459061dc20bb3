"""The plugin protocol of RouterXBench: frames over the standard streams (docs/plugins/protocol.md)."""

import array
import json
import struct
import sys


def hear():
    """The next frame as (header, bytes), or None at the end of the input."""
    lead = sys.stdin.buffer.read(4)
    if len(lead) < 4:
        return None
    header = json.loads(sys.stdin.buffer.read(struct.unpack("<I", lead)[0]).decode("utf-8"))
    return header, sys.stdin.buffer.read(header.get("bytes", 0))


def say(header, payload=b""):
    """Writes a frame."""
    if payload:
        header = {**header, "bytes": len(payload)}
    text = json.dumps(header, allow_nan=False).encode("utf-8")
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text + payload)
    sys.stdout.buffer.flush()


def floats(payload):
    """Bytes as float32 numbers."""
    numbers = array.array("f")
    numbers.frombytes(payload)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def signals(header, payload, key):
    """The values of one signal, one a row: lists of numbers, or whatever the texts are."""
    layout = next(one for one in header["signals"] if one["key"] == key)
    if "values" in layout:
        return layout["values"]
    width = 1
    for size in layout["shape"]:
        width *= size
    numbers = floats(payload)
    start = layout["at"] // 4
    return [numbers[start + row * width : start + (row + 1) * width] for row in range(len(header["texts"]))]


def tensors(named):
    """Weights as (header part, bytes): name -> list of numbers."""
    described, payload = [], b""
    for name, numbers in named.items():
        described.append({"name": name, "shape": [len(numbers)], "at": len(payload)})
        values = array.array("f", numbers)
        if sys.byteorder == "big":
            values.byteswap()
        payload += values.tobytes()
    return described, payload


def named_tensors(header, payload):
    """Weights back: name -> list of numbers."""
    numbers = floats(payload)
    out = {}
    for one in header["tensors"]:
        length = 1
        for size in one["shape"]:
            length *= size
        out[one["name"]] = list(numbers[one["at"] // 4 : one["at"] // 4 + length])
    return out
