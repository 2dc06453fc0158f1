"""transformers: greedy `generate` with its cache, and an eager first pass that keeps every attention pattern."""

import time

import torch
import transformers
from subject import serve, settings

given = settings()
torch.set_num_threads(given["threads"])
transformers.logging.set_verbosity_error()
model = transformers.LlamaForCausalLM.from_pretrained(given["folder"], dtype=torch.float32).eval()
best = model.config._attn_implementation


def timed(work, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        result = work()
    return time.perf_counter() - start, result


@torch.inference_mode()
def answer(request):
    if "tokens" in request:
        model.set_attn_implementation(best)
        count = request["tokens"]
        prompt = torch.tensor([[1]])
        limits = {"max_new_tokens": count, "min_new_tokens": count, "do_sample": False, "pad_token_id": 0}
        ones = torch.ones_like(prompt)
        seconds, ids = timed(lambda: model.generate(prompt, attention_mask=ones, **limits), request["repeats"])
        return {"seconds": seconds, "ids": ids[0, 1:].tolist()}
    model.set_attn_implementation("eager")
    prompt = torch.tensor([request["prefill"]])
    seconds, result = timed(lambda: model(prompt, output_attentions=True, use_cache=False), request["repeats"])
    assert len(result.attentions) == model.config.num_hidden_layers
    return {"seconds": seconds, "logits": result.logits[0, -1, :8].tolist()}


serve(f"transformers {transformers.__version__}", answer)
