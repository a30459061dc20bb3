"""Writes ONNX files (onnx.proto, https://github.com/onnx/onnx) with torch alone: newer exporters of torch ask for more packages."""
import struct

import torch

from safetensors_file import bytes_of

OPSET, IR = 17, 8
FLOAT, INT64 = 1, 7
#: protobuf holds no message of 2 GiB: beyond this many bytes weights lie in a file beside the graph
INLINE = 1_500_000_000


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while True:
        low, value = value & 127, value >> 7
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def chunk(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def attribute(name, value):
    out = chunk(1, name)
    if isinstance(value, float):
        return out + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, int):
        return out + number(3, value) + number(20, 2)
    return out + b"".join(number(8, item) for item in value) + number(20, 7)


def value_info(name, kind, shape):
    dims = b"".join(chunk(1, number(1, extent) if isinstance(extent, int) else chunk(2, extent)) for extent in shape)
    return chunk(1, name) + chunk(2, chunk(1, number(1, kind) + chunk(2, dims)))


class Graph:
    """A graph under construction: nodes in their order, and named constants."""

    def __init__(self):
        self.nodes, self.tensors, self.made = [], {}, 0

    def constant(self, value, name=None):
        """A tensor (or a number, or a list of whole numbers) as a constant; returns its name."""
        tensor = value if isinstance(value, torch.Tensor) else torch.tensor(value)
        name = name or f"constant_{len(self.tensors)}"
        self.tensors[name] = tensor.detach().cpu()
        return name

    def op(self, kind, *inputs, output=None, **attributes):
        """Adds a node with one output and returns the output's name."""
        self.made += 1
        output = output or f"{kind.lower()}_{self.made}"
        parts = [chunk(1, name) for name in inputs] + [chunk(2, output), chunk(3, f"{kind}_{self.made}"), chunk(4, kind)]
        self.nodes.append(b"".join(parts) + b"".join(chunk(5, attribute(*item)) for item in attributes.items()))
        return output

    def write(self, path, inputs, outputs, inline=INLINE):
        """Writes the model; `inputs` and `outputs` are (name, element type, shape) each. Weights lie in `<path>_data` where they are too large."""
        total = sum(tensor.numel() * 4 for tensor in self.tensors.values())
        beside = f"{path.name}_data" if total > inline else None
        data = open(path.with_name(beside), "wb") if beside else None
        parts = [chunk(1, node) for node in self.nodes] + [chunk(2, "deberta")]
        for name, tensor in self.tensors.items():
            kind, tensor = (FLOAT, tensor.to(torch.float32)) if tensor.is_floating_point() else (INT64, tensor.to(torch.int64))
            entry = b"".join(number(1, extent) for extent in tensor.shape) + number(2, kind) + chunk(8, name)
            raw = bytes_of(tensor)
            if data and len(raw) >= 1024:
                where = {"location": beside, "offset": str(data.tell()), "length": str(len(raw))}
                entry += b"".join(chunk(13, chunk(1, key) + chunk(2, text)) for key, text in where.items()) + number(14, 1)
                data.write(raw)
            else:
                entry += chunk(9, raw)
            parts.append(chunk(5, entry))
        if data:
            data.close()
        parts += [chunk(11, value_info(*value)) for value in inputs] + [chunk(12, value_info(*value)) for value in outputs]
        graph = b"".join(parts)
        path.write_bytes(number(1, IR) + chunk(2, "routerxbench") + chunk(7, graph) + chunk(8, chunk(1, "") + number(2, OPSET)))
