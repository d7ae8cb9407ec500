"""PyTorch's LlamaModel (Hugging Face transformers) as a peer of the encode benchmark.

Arguments, as name=value: workspace, threads, batch, pairLimit (unused words are ignored).
Speaks the lines that io.chasqui.benchmarks.PeerServer documents.
Needs torch, transformers and tokenizers.
"""

import struct
import sys
from pathlib import Path


def main():
    out = sys.stdout
    sys.stdout = sys.stderr  # what libraries print must not reach the protocol
    try:
        peer = Peer(dict(word.split("=", 1) for word in sys.argv[1:]))
    except Exception as error:
        answer(out, failure(error))
        raise
    answer(out, "ready")
    for line in sys.stdin:
        words = line.rstrip("\n").split(" ", 2)
        if words[0] == "quit":
            return
        try:
            answer(out, ("ok " + getattr(peer, "do_" + words[0])(*words[1:])).rstrip())
        except Exception as error:
            answer(out, failure(error))


def answer(out, line):
    out.write(line + "\n")
    out.flush()


def failure(error):
    return "error " + " ".join(f"{type(error).__name__}: {error}".split())


class Peer:
    def __init__(self, arguments):
        import torch
        import transformers
        from tokenizers import Tokenizer

        self.torch = torch
        self.versions = f"transformers {transformers.__version__} on PyTorch {torch.__version__}"
        workspace = Path(arguments["workspace"])
        self.batch = int(arguments["batch"])
        torch.set_num_threads(int(arguments["threads"]))
        self.tokenizer = Tokenizer.from_file(str(workspace / "model" / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.model = transformers.LlamaModel.from_pretrained(
            str(workspace / "model"), dtype=torch.float32
        ).eval()
        texts = workspace / "texts"
        self.passages = (texts / "passages.txt").read_text("utf-8").splitlines()
        self.queries = (texts / "queries.txt").read_text("utf-8").splitlines()

    def do_describe(self):
        return f"{self.versions}, {self.model.config._attn_implementation} attention"

    def do_run(self, workload):
        self.rows(workload)
        return ""

    def do_write(self, workload, file):
        rows = self.rows(workload)
        with open(file, "wb") as out:
            out.write(struct.pack("<ii", len(rows), len(rows[0])))
            for row in rows:
                out.write(struct.pack(f"<{len(row)}f", *row))
        return ""

    def rows(self, workload):
        if workload == "passages":
            texts = self.passages
            groups = [texts[i : i + self.batch] for i in range(0, len(texts), self.batch)]
        elif workload == "queries":
            groups = [[query] for query in self.queries]
        else:
            raise ValueError("no workload " + workload)
        return [row for group in groups for row in self.encode(group)]

    def encode(self, texts):
        torch = self.torch
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        longest = max(len(row) for row in ids)
        input_ids = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
        with torch.inference_mode():
            # One text needs no mask: without it PyTorch takes its fastest causal kernel.
            states = self.model(
                input_ids=input_ids,
                attention_mask=mask if len(ids) > 1 else None,
                use_cache=False,
            ).last_hidden_state
            weights = mask.unsqueeze(-1).to(states.dtype)
            means = (states * weights).sum(1) / weights.sum(1)
        return means.tolist()


if __name__ == "__main__":
    main()
