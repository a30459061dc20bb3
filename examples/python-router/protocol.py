"""The plugin protocol of RouterXBench: frames over the standard streams (docs/plugins/protocol.md)."""

import array
import json
import struct
import sys


def receive():
    """The next frame as (header, bytes), or None at the end of the input."""
    lead = sys.stdin.buffer.read(4)
    if len(lead) < 4:
        return None
    header = json.loads(sys.stdin.buffer.read(struct.unpack("<I", lead)[0]).decode("utf-8"))
    return header, sys.stdin.buffer.read(header.get("bytes", 0))


def send(header, payload=b""):
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
    """The values of one signal, one per row: lists of numbers, or JSON values."""
    layout = next(layout for layout in header["signals"] if layout["key"] == key)
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
    """The inverse of `tensors`: name -> list of numbers."""
    numbers = floats(payload)
    out = {}
    for tensor in header["tensors"]:
        length = 1
        for size in tensor["shape"]:
            length *= size
        values = list(numbers[tensor["at"] // 4 : tensor["at"] // 4 + length])
        if len(values) != length:
            raise ValueError(f"tensor {tensor['name']} is outside the bytes of its message")
        out[tensor["name"]] = values
    return out
