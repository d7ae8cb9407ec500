"""How the files beside this one were made: a small Unigram tokenizer of XLM-RoBERTa's kind in the two forms in
which published tokenizer.json files have it, the ids that the Python library tokenizers 0.23.2 gives, and a random
XLM-RoBERTa (transformers 5.18.0) as embedder and as cross-encoder, exported by torch.onnx of PyTorch 2.13.0, with what
sentence-transformers 6.0.1 computes. The normalisation rules were compiled by sentencepiece 0.2.2.
embedder, cross-encoder (there with "unigram-" in front) and unigram.json are among the resources of backend-onnx's tests.
Usage: make.py DIRECTORY"""

import json
import os
import shutil
import sys

import sentencepiece
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaForSequenceClassification, XLMRobertaModel

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
work = out + "/work"
os.makedirs(work, exist_ok=True)

SENTENCES = [
    "The keeper lights the lamp an hour before dusk and counts the ships that pass the point.",
    "Tides rise twice a day because the moon pulls the near side more than the far side.",
    "Wer zählt die Schiffe, die am Kap vorbeifahren, wenn die Sonne sinkt?",
    "La marée monte deux fois par jour ; le gardien allume la lampe avant la nuit.",
    "how do tides rise and who counts the ships of the night",
    "A lamp, a keeper, a point: 123 ships, 45 lights, 6 days.",
    "Das Licht der Lampe zählt die Stunden; la nuit compte les navires.",
] * 4
# fullwidth letters, a ligature, spaces of other kinds, a character that vanishes, a decomposed letter
RULES = {"\uFF21": "A", "\uFF41": "a", "\uFB01": "fi", "\u00A0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\u200B": "",
         "a\u0308": "ä", "\u2026": "...", "\u00BD": "1⁄2"}
with open(work + "/rules.tsv", "w") as file:
    for source, target in RULES.items():
        file.write(" ".join("%X" % ord(c) for c in source) + "\t" + " ".join("%X" % ord(c) for c in target) + "\n")
with open(work + "/text", "w") as file:
    file.write("\n".join(SENTENCES))
sentencepiece.SentencePieceTrainer.train(
    input=work + "/text", model_prefix=work + "/spm", vocab_size=180, model_type="unigram", minloglevel=2,
    normalization_rule_tsv=work + "/rules.tsv", num_threads=1, hard_vocab_limit=False)
proto = sentencepiece_model_pb2.ModelProto()
with open(work + "/spm.model", "rb") as file:
    proto.ParseFromString(file.read())
charsmap = proto.normalizer_spec.precompiled_charsmap
pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
pieces += [(piece.piece, piece.score) for piece in proto.pieces if piece.type == 1]
mask = len(pieces)


def tokenizer(normalizer, pre_tokenizer):
    made = Tokenizer(Unigram([*pieces, ("<mask>", 0.0)], unk_id=3, byte_fallback=False))
    made.normalizer = normalizer
    made.pre_tokenizer = pre_tokenizer
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)])
    return made


space = "▁"
FORMS = {
    "words": tokenizer(
        normalizers.Precompiled(charsmap),
        pre_tokenizers.Sequence([
            pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement=space, prepend_scheme="always")])),
    "metaspace": tokenizer(
        normalizers.Sequence([
            normalizers.Precompiled(charsmap), normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), space)]),
        pre_tokenizers.Metaspace(replacement=space, prepend_scheme="always"))}

TEXTS = ["how do tides rise", "The keeper lights the lamp.", "x", "", "   ", "  two  spaces\tand\u00A0others ",
         "Grüße, 123 … 日本 ½", "\uFF21\uFF41 \uFB01sh za\u0308hlt zählt", "a\u200Bb \u200B c", "q😀w e\u0301",
         "<mask>", "und▁so", "\u0000nul", " ".join(SENTENCES[:7])]
PLAIN = [text for text in TEXTS if "<" not in text]  # our tokenizers never make special tokens of texts
expected = {"texts": PLAIN, "pairs": [[PLAIN[0], PLAIN[1]], [PLAIN[6], PLAIN[7]]]}
for name, made in FORMS.items():
    os.makedirs(f"{out}/{name}", exist_ok=True)
    made.save(f"{out}/{name}/tokenizer.json")
    with open(f"{out}/{name}/tokenizer_config.json", "w") as file:
        json.dump({"tokenizer_class": "XLMRobertaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
                   "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>",
                   "model_max_length": 48}, file)
    expected[name] = {
        "ids": [made.encode(text).ids for text in PLAIN],
        "pairs": [made.encode(*pair).ids for pair in expected["pairs"]]}

torch.manual_seed(23)
torch.set_num_threads(1)
config = dict(vocab_size=mask + 1, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=32,
              max_position_embeddings=50, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
              initializer_range=0.4, attn_implementation="eager")
fast = PreTrainedTokenizerFast(
    tokenizer_file=f"{out}/words/tokenizer.json", bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
    cls_token="<s>", sep_token="</s>", mask_token="<mask>", model_max_length=48)


def export(model, directory, output):
    model = model.eval()
    os.makedirs(directory + "/onnx", exist_ok=True)
    batch = {"input_ids": torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]]), "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])}

    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask):
            return self.model(input_ids=input_ids, attention_mask=attention_mask)[0]

    axes = {"input_ids": {0: "batch", 1: "sequence"}, "attention_mask": {0: "batch", 1: "sequence"},
            output: {0: "batch", 1: "sequence"} if output == "last_hidden_state" else {0: "batch"}}
    torch.onnx.export(Plain(), (batch["input_ids"], batch["attention_mask"]), directory + "/onnx/model.onnx", dynamo=False,
                      input_names=["input_ids", "attention_mask"], output_names=[output], dynamic_axes=axes, opset_version=17)


base = work + "/embedder"
XLMRobertaModel(XLMRobertaConfig(**config), add_pooling_layer=False).save_pretrained(base)
fast.save_pretrained(base)
st = SentenceTransformer(modules=[Transformer(base), Pooling(24, pooling_mode="mean"), Normalize()], device="cpu",
                         prompts={"query": "query: ", "document": "passage: "}, similarity_fn_name="cosine")
QUERIES = [TEXTS[0], TEXTS[1], TEXTS[6], TEXTS[13]]
st.save(work + "/st")
shutil.copytree(work + "/st", out + "/embedder", dirs_exist_ok=True, ignore=shutil.ignore_patterns(
    "*.safetensors", "README.md", "tokenizer*.json", "special_tokens_map.json"))
export(XLMRobertaModel.from_pretrained(base, attn_implementation="eager", add_pooling_layer=False), out + "/embedder", "last_hidden_state")
expected["embedder"] = {"texts": QUERIES,
    "query": st.encode(QUERIES, prompt_name="query").tolist(), "passage": st.encode(QUERIES, prompt_name="document").tolist()}

torch.manual_seed(29)
base = work + "/cross"
XLMRobertaForSequenceClassification(XLMRobertaConfig(**config, num_labels=1)).save_pretrained(base)
fast.save_pretrained(base)
cross = CrossEncoder(base, device="cpu", max_length=48)
os.makedirs(out + "/cross-encoder", exist_ok=True)
shutil.copy(base + "/config.json", out + "/cross-encoder/config.json")
export(XLMRobertaForSequenceClassification.from_pretrained(base, attn_implementation="eager"), out + "/cross-encoder", "logits")
passages = [TEXTS[1], TEXTS[2], TEXTS[6], "Das Licht zählt; la nuit compte."]
expected["cross-encoder"] = {"query": TEXTS[0], "passages": passages,
    "ids": [FORMS["words"].encode(TEXTS[0], passage).ids for passage in passages],
    "scores": cross.predict([[TEXTS[0], passage] for passage in passages], activation_fn=torch.nn.Identity()).tolist()}
with open(out + "/expected.json", "w") as file:
    json.dump({key: expected[key] for key in ("texts", "pairs", *FORMS)}, file, ensure_ascii=False)
with open(out + "/unigram.json", "w") as file:
    json.dump({key: expected[key] for key in ("embedder", "cross-encoder")}, file, ensure_ascii=False)
for name in ("tokenizer.json", "tokenizer_config.json"):
    for part in ("embedder", "cross-encoder"):
        shutil.copy(f"{out}/words/{name}", f"{out}/{part}/{name}")
shutil.rmtree(work)
