"""Writes llama.json: what transformers' LlamaForCausalLM and PyTorch's AdamW make of small models with weights by formula.

Needs torch and transformers; the tests only read the file. Usage: python test/golden/llama.py > test/golden/llama.json
"""

import json
import math
import sys

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

IDS = [1, 5, 9, 2, 7, 7, 3, 0, 11, 6]
TARGETS = IDS[1:] + [4]
ADAMW = dict(lr=1e-2, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)
CASES = {
    "tied": dict(num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=True),
    "grouped, its own head, wide heads": dict(num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=False, head_dim=6),
}


def weight(name: str, shape: torch.Size) -> torch.Tensor:
    """The same formula as in the test: waves that differ by name."""
    start = sum(ord(c) for c in name)
    wave = torch.tensor([math.sin(start + 0.7 * i) for i in range(shape.numel())], dtype=torch.float64)
    value = 1 + 0.2 * wave if len(shape) == 1 else 0.4 * wave
    return value.to(torch.float32).reshape(shape)


def numbers(tensor: torch.Tensor) -> list:
    return [float(f"{x:.7g}") for x in tensor.detach().flatten().tolist()]


def case(options: dict) -> dict:
    config = LlamaConfig(
        vocab_size=12, hidden_size=16, intermediate_size=24, num_hidden_layers=2, max_position_embeddings=16,
        rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, attn_implementation="eager", **options,
    )
    model = LlamaForCausalLM(config).to(torch.float32).eval()
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weight(name, parameter.shape))
    out = model(torch.tensor([IDS]), output_hidden_states=True, output_attentions=True)
    loss = torch.nn.functional.cross_entropy(out.logits[0], torch.tensor(TARGETS))
    loss.backward()
    gradients = {name: numbers(parameter.grad) for name, parameter in parameters.items()}
    decayed = [p for n, p in parameters.items() if p.dim() == 2 and n != "model.embed_tokens.weight"]
    plain = [p for n, p in parameters.items() if not (p.dim() == 2 and n != "model.embed_tokens.weight")]
    optimizer = torch.optim.AdamW([{"params": decayed}, {"params": plain, "weight_decay": 0.0}], **ADAMW)
    norm = float(torch.nn.utils.clip_grad_norm_(parameters.values(), 0.5))
    optimizer.step()
    after = torch.nn.functional.cross_entropy(model(torch.tensor([IDS])).logits[0], torch.tensor(TARGETS)).item()
    return {
        "config": options | {"head_dim": config.head_dim},
        "logits": numbers(out.logits),
        "hidden": [numbers(h) for h in out.hidden_states],
        "patterns": [numbers(a) for a in out.attentions],
        "loss": loss.item(),
        "gradients": gradients,
        "gradNorm": norm,
        "lossAfterStep": after,
    }


torch.set_num_threads(1)
result = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "ids": IDS, "targets": TARGETS}
json.dump(result | {"cases": {name: case(options) for name, options in CASES.items()}}, sys.stdout)
