"""safetensors files with torch alone: 8 bytes of header length, a JSON header, then the tensors' bytes."""
import ctypes
import json
import struct

import torch

TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}


def read(path):
    """Every tensor of a file by its name, floats as float32; types that no weight has are left out."""
    tensors = {}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] not in TYPES:
                continue
            start, end = entry["data_offsets"]
            file.seek(8 + length + start)
            data = bytearray(file.read(end - start))
            if len(data) != end - start:
                raise ValueError(f"{path} is cut short")
            flat = torch.frombuffer(data, dtype=TYPES[entry["dtype"]]) if data else torch.empty(0, dtype=TYPES[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"]).to(torch.float32) if flat.is_floating_point() else flat.reshape(entry["shape"])
    return tensors


def bytes_of(tensor):
    """The bytes of a tensor, row by row; numpy may be absent."""
    own = tensor.detach().cpu().contiguous()
    return ctypes.string_at(own.data_ptr(), own.numel() * own.element_size()) if own.numel() else b""


def write(path, tensors):
    """Writes float32 tensors; `format: pt` is what transformers wants to see."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(bytes_of(tensor.to(torch.float32)))
