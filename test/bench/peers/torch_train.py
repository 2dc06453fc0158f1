"""The same training in PyTorch, eager, as one would write it: fused q, k, v, scaled_dot_product_attention, AdamW, clipping."""

import json
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file
from subject import serve, settings

given = settings()
folder = given["folder"]
torch.set_num_threads(given["threads"])
with open(os.path.join(folder, "task.json")) as file:
    task = json.load(file)
config = task["config"]
V, D, L, H = config["vocabSize"], config["dModel"], config["nLayers"], config["nHeads"]
T, B, d, hidden = config["contextLength"], task["sequences"], config["headDim"], config["dFf"]


class RMSNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(D))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + config["normEps"]) * self.weight


def rotated(x):
    return torch.cat([-x[..., d // 2 :], x[..., : d // 2]], -1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.mlp_norm = RMSNorm(), RMSNorm()
        self.qkv = nn.Linear(D, 3 * D, bias=False)
        self.o = nn.Linear(D, D, bias=False)
        self.gate = nn.Linear(D, hidden, bias=False)
        self.up = nn.Linear(D, hidden, bias=False)
        self.down = nn.Linear(hidden, D, bias=False)

    def forward(self, x, cos, sin):
        q, k, v = (part.view(B, T, H, d).transpose(1, 2) for part in self.qkv(self.attention_norm(x)).split(D, -1))
        q = q * cos + rotated(q) * sin
        k = k * cos + rotated(k) * sin
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(B, T, D))
        h = self.mlp_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.blocks = nn.ModuleList([Block() for _ in range(L)])
        self.norm = RMSNorm()
        self.head = nn.Linear(D, V, bias=False)
        self.head.weight = self.embedding.weight
        angle = torch.outer(torch.arange(T).float(), config["ropeTheta"] ** (-torch.arange(0, d, 2).float() / d))
        self.cos = torch.cat([angle.cos()] * 2, -1)
        self.sin = torch.cat([angle.sin()] * 2, -1)

    def forward(self, ids, targets):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        return F.cross_entropy(self.head(self.norm(x)).view(-1, V), targets.reshape(-1))


def fill(model):
    stored = load_file(os.path.join(folder, "model.safetensors"))
    at = lambda name: stored[f"model.{name}.weight"]
    with torch.no_grad():
        model.embedding.weight.copy_(at("embed_tokens"))
        model.norm.weight.copy_(at("norm"))
        for i, block in enumerate(model.blocks):
            layer = lambda name: at(f"layers.{i}.{name}")
            block.attention_norm.weight.copy_(layer("input_layernorm"))
            block.mlp_norm.weight.copy_(layer("post_attention_layernorm"))
            block.qkv.weight.copy_(torch.cat([layer(f"self_attn.{name}_proj") for name in "qkv"]))
            block.o.weight.copy_(layer("self_attn.o_proj"))
            block.gate.weight.copy_(layer("mlp.gate_proj"))
            block.up.weight.copy_(layer("mlp.up_proj"))
            block.down.weight.copy_(layer("mlp.down_proj"))


model = Model()
fill(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=task["learningRate"], weight_decay=0)
ids = np.fromfile(os.path.join(folder, "batches.i32"), dtype=np.int32).reshape(task["batches"], B, T + 1)
ids = torch.from_numpy(ids.astype(np.int64))
steps = 0


def step():
    global steps
    batch = ids[steps % len(ids)]
    steps += 1
    loss = model(batch[:, :-1], batch[:, 1:])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), task["clip"])
    optimizer.step()
    return loss.item()


def answer(request):
    if "product" in request:
        m, k, n = request["product"]
        a, b = torch.rand(m, k), torch.rand(k, n)
        start = time.perf_counter()
        for _ in range(request["count"]):
            torch.mm(a, b)
        return {"seconds": time.perf_counter() - start}
    start = time.perf_counter()
    losses = [step() for _ in range(request["count"])]
    return {"seconds": time.perf_counter() - start, "loss": losses[0]}


serve(f"PyTorch {torch.__version__.split('+')[0]}", answer)
