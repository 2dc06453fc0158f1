"""Opens folders that `train` wrote with transformers and prints what it makes of them. Standard input: {"folders", "texts"}."""

import json
import sys

try:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as error:
    json.dump({"missing": str(error)}, sys.stdout)
    sys.exit()

given = json.load(sys.stdin)
torch.set_num_threads(1)


def opened(folder: str) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    texts = []
    for text in given["texts"]:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([[tokenizer.bos_token_id, *ids]])).logits[0]
        texts.append({"ids": ids, "decoded": tokenizer.decode(ids), "logits": logits.flatten().tolist()})
    return {
        "model": type(model).__name__,
        "vocabulary": len(tokenizer),
        "special": [tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id],
        "generation": [model.generation_config.bos_token_id, model.generation_config.eos_token_id],
        "texts": texts,
    }


json.dump([opened(folder) for folder in given["folders"]], sys.stdout)
