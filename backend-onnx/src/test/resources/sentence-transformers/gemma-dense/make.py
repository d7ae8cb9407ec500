"""How model/ and expected.json beside this file were made: a random gemma3_text that sees both ways, two
Dense modules behind the mean, and what sentence-transformers 6.0.1 (transformers 5.18.0, PyTorch 2.13.0)
computes from them. Usage: make.py ../model . (the tokenizer is that of ../model and is not kept twice)."""

import json
import os
import shutil
import sys

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from torch import nn
from transformers import Gemma3TextConfig, Gemma3TextModel

tokenizer, out = sys.argv[1:]
torch.set_num_threads(1)
torch.manual_seed(17)
base = out + "/base"
os.makedirs(base, exist_ok=True)
config = Gemma3TextConfig(
    vocab_size=480, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=1, head_dim=8, query_pre_attn_scalar=12, max_position_embeddings=256, sliding_window=12,
    use_bidirectional_attention=True, layer_types=["sliding_attention", "sliding_attention", "full_attention"],
    initializer_range=0.4, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
                     "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}})
model = Gemma3TextModel(config)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            parameter.normal_(0, 0.2)
model.save_pretrained(base)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(tokenizer + "/" + name, base)

torch.manual_seed(18)
modules = [Transformer(base, max_seq_length=96), Pooling(32, pooling_mode="mean"),
           Dense(32, 48, bias=False, activation_function=nn.Identity()),
           Dense(48, 24, bias=True, activation_function=nn.Tanh()), Normalize()]
with torch.no_grad():
    modules[3].linear.bias.normal_(0, 0.3)
prompts = {"query": "task: search result | query: ", "document": "title: none | text: "}
SentenceTransformer(modules=modules, prompts=prompts, similarity_fn_name="cosine", device="cpu").save(out + "/model")
torch.save(modules[3].state_dict(), out + "/model/3_Dense/pytorch_model.bin")  # as older versions wrote it
for name in ("3_Dense/model.safetensors", "README.md"):
    if os.path.exists(out + "/model/" + name):
        os.remove(out + "/model/" + name)

again = SentenceTransformer(out + "/model", device="cpu")
words = "how do tides rise The keeper lights the lamp an hour before dusk, and counts the ships "
texts = ["how do tides rise", "The keeper lights the lamp an hour before dusk.", "x", "Gr\u00fc\u00dfe, 123 \u2026 \u65e5\u672c", words * 8]


def rows(values):
    return [[float(v) for v in row] for row in values]


expected = {
    "texts": texts, "limit": 96,
    "ids": [again.tokenize([prompts["query"] + t])["input_ids"][0].tolist() for t in texts],
    "query": rows(again.encode(texts, prompt_name="query")),
    "passage": rows(again.encode(texts, prompt_name="document")),
    "query16": rows(again.encode(texts, prompt_name="query", truncate_dim=16, normalize_embeddings=True))}
json.dump(expected, open(out + "/expected.json", "w"), ensure_ascii=False)
os.remove(out + "/model/tokenizer.json")
shutil.rmtree(base)
