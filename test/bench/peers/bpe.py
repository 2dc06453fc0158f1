"""rustbpe and Hugging Face's tokenizers: learning a byte-level vocabulary, and encoding a text with it."""

import os
import time

from subject import serve, settings

given = settings()
# Before the library's threads are made.
os.environ["RAYON_NUM_THREADS"] = str(given["threads"])
os.environ["TOKENIZERS_PARALLELISM"] = "true"


def texts(folder):
    return [open(os.path.join(folder, name), encoding="utf-8").read() for name in sorted(os.listdir(folder))]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


if given["which"] == "rustbpe":
    from importlib.metadata import version

    import rustbpe

    name = f"rustbpe {version('rustbpe')}"

    def train(corpus, size):
        made = rustbpe.Tokenizer()
        # Bytes and merges: four entries of ours are special.
        made.train_from_iterator(iter(corpus), vocab_size=size - 4, pattern=given["pattern"])
        return made.encode

    def load():
        # It reads no vocabulary: it learns the same one.
        return train(texts(given["corpus"]), given["vocabSize"])

else:
    import tokenizers
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    name = f"Hugging Face tokenizers {tokenizers.__version__}"

    def train(corpus, size):
        made = Tokenizer(models.BPE())
        cut = pre_tokenizers.Split(Regex(given["pattern"]), behavior="isolated")
        made.pre_tokenizer = pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        made.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        special = ["<pad>", "<unk>", "<bos>", "<eos>"]
        trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, special_tokens=special, show_progress=False)
        made.train_from_iterator(corpus, trainer)
        return lambda text: made.encode(text).ids

    def load():
        made = Tokenizer.from_file(given["tokenizer"])
        return lambda text: made.encode(text, add_special_tokens=False).ids


encode = load() if given.get("tokenizer") else None


def answer(request):
    if "train" in request:
        corpus = texts(request["train"])
        start = time.perf_counter()
        train(corpus, request["vocabSize"])
        return {"seconds": time.perf_counter() - start}
    text = read(request["encode"])
    start = time.perf_counter()
    for _ in range(request["count"]):
        ids = encode(text)
    return {"seconds": time.perf_counter() - start, "tokens": len(ids)}


serve(name, answer)
