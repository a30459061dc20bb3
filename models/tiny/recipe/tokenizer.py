"""The tokenizer of the embedded models: whole template words, single digits and symbols; everything else falls apart into bytes.

In Hugging Face terms: BPE with `ignore_merges` and no merges over a ByteLevel pre-tokenizer, so quoted strings are spelled letter by letter.
"""
import json
import re
from pathlib import Path

PATTERN = r" [A-J]\)| ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]|\s"
PAD, BOS, EOS = 0, 1, 2
SPECIALS = ["<pad>", "<s>", "</s>"]
ANSWER_WORDS = ["true", "false"]


def byte_characters():
    """GPT-2's printable stand-in for each of the 256 bytes."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    stand_in = {byte: chr(byte) for byte in printable}
    for byte in range(256):
        stand_in.setdefault(byte, chr(256 + byte - sum(p < byte for p in printable)))
    return stand_in


BYTE_CHARACTERS = byte_characters()
CHARACTER_BYTES = {character: byte for byte, character in BYTE_CHARACTERS.items()}


def spelled(text):
    return "".join(BYTE_CHARACTERS[byte] for byte in text.encode())


class Tokenizer:
    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.tokens = {index: token for token, index in vocabulary.items()}
        self.pattern = re.compile(PATTERN)
        self.cache = {}

    def encode(self, text):
        ids = []
        for piece in self.pattern.findall(text):
            known = self.cache.get(piece)
            if known is None:
                token = spelled(piece)
                known = [self.vocabulary[token]] if token in self.vocabulary else [self.vocabulary[c] for c in token]
                if len(self.cache) < 200_000:
                    self.cache[piece] = known
            ids += known
        return ids

    def decode(self, ids):
        characters = "".join(self.tokens[i] for i in ids if i > EOS)
        return bytes(CHARACTER_BYTES[c] for c in characters).decode("utf8", "replace")


def build_vocabulary(texts):
    """Specials, 256 bytes, then every word of the texts that follows a space or starts a sentence."""
    pattern = re.compile(PATTERN)
    words = set(ANSWER_WORDS)
    for text in texts:
        for piece in pattern.findall(text):
            if len(piece) > 1 and (piece[0] == " " or (piece[0].isupper() and piece[1:].islower())):
                words.add(piece)
    vocabulary = {token: index for index, token in enumerate(SPECIALS)}
    for byte in range(256):
        vocabulary[BYTE_CHARACTERS[byte]] = len(vocabulary)
    for word in sorted(words):
        vocabulary.setdefault(spelled(word), len(vocabulary))
    return vocabulary


def hugging_face_json(vocabulary):
    special = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, token in enumerate(SPECIALS)
    ]
    begin = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [begin, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [BOS], "tokens": ["<s>"]}},
        },
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": vocabulary,
            "merges": [],
        },
    }


def read_jsonl(path):
    with Path(path).open() as lines:
        return [json.loads(line) for line in lines]
