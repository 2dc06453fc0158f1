"""What Hugging Face's library (Rust) makes of our tokenizer files and of other kinds; called by golden.mjs."""
import json
import sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

source, golden = Path(sys.argv[1]), Path(sys.argv[2])
strings = json.loads((golden / "strings.json").read_text(encoding="utf-8"))
corpus = (golden / "corpus.txt").read_text(encoding="utf-8")
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def ids(tokenizer):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]


def classes():
    """Which code points each class has, as [first, last, first, last ...]: what Oniguruma, and so the library, knows."""
    found = {}
    for name, expression in {
        "upper": r"[\p{Lu}\p{Lt}]",
        "lower": r"\p{Ll}",
        "letter": r"[\p{Lm}\p{Lo}]",
        "mark": r"\p{M}",
        "number": r"\p{N}",
        "space": r"\s",
        "s": r"(?i:s)",
    }.items():
        split = pre_tokenizers.Split(Regex(expression), "removed")
        ranges = []
        for code in range(0x110000):
            if 0xD800 <= code < 0xE000 or split.pre_tokenize_str(chr(code)):
                continue
            if ranges and ranges[-1] == code - 1:
                ranges[-1] = code
            else:
                ranges += [code, code]
        found[name] = ranges
    return found


def byte_level(normalizer, split, added):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    steps = pre_tokenizers.Split(Regex(split), "isolated") if split else pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator([corpus], trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False))
    tokenizer.add_tokens(added)
    return tokenizer


def metaspace():
    """As the first Llama and Mistral: SentencePiece's BPE with bytes for what is unknown."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    letters = [line for line in corpus.split("\n") if line.isascii()]
    tokenizer.train_from_iterator(letters, trainers.BpeTrainer(vocab_size=500, special_tokens=special, show_progress=False))
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = data["added_tokens"][:3]
    return Tokenizer.from_str(json.dumps(data))


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    letters = [line for line in corpus.split("\n") if "中" not in line]
    tokenizer.train_from_iterator(
        letters, trainers.WordPieceTrainer(vocab_size=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False)
    )
    return tokenizer


def unigram():
    """Words and characters with made-up scores: a trained one has ties, which its two libraries break differently."""
    characters = sorted(set(corpus) - set(" \n\t")) + ["▁"]
    words = sorted({f"▁{word}" for word in corpus.split() if len(word) > 1})
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)]
    pieces += [(piece, -5 - i / 100) for i, piece in enumerate(words)]
    pieces += [(piece, -9 - i / 100) for i, piece in enumerate(characters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


version = tokenizers.__version__
own = {path.stem: ids(Tokenizer.from_file(str(path))) for path in sorted(source.glob("*.json"))}
(golden / "own.json").write_text(json.dumps({"tokenizers": version, "ids": own}) + "\n", encoding="utf-8")

kinds = {
    "nfc": byte_level(normalizers.NFC(), QWEN, [AddedToken("<|end|>", special=True), AddedToken("<tag", special=False)]),
    "split": byte_level(None, r"[0-9]|[^0-9]+", []),
    "smolLm": byte_level(None, None, []),
    "metaspace": metaspace(),
    "wordPiece": word_piece(),
    "unigram": unigram(),
}
for name, tokenizer in kinds.items():
    data = {"tokenizers": version, "tokenizer": json.loads(tokenizer.to_str()), "ids": ids(tokenizer)}
    (golden / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")
(golden / "classes.json").write_text(json.dumps({"tokenizers": version, "classes": classes()}) + "\n", encoding="utf-8")
