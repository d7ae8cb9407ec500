"""Hugging Face's models on PyTorch (LlamaModel, Qwen3Model) as a peer of the benchmarks.

Arguments, as name=value: workspace; device (cpu:THREADS, cuda:N); dtype (float32, float16,
bfloat16); pooling (mean: <s>text</s>; last: RepLLaMA's and RankLLaMA's prompts); batch.
Speaks the lines that io.chasqui.benchmarks.PeerServer documents.
Needs torch, transformers and tokenizers.
"""

import struct
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "harness/src/main/python"))
from peer_lines import serve  # noqa: E402

PATIENCE = 20  # seconds after which nobody starts another call; see Latency.java


class Peer:
    def __init__(self, arguments):
        import torch
        import transformers
        from tokenizers import Tokenizer

        self.torch = torch
        self.versions = f"transformers {transformers.__version__} on PyTorch {torch.__version__}"
        workspace = Path(arguments["workspace"])
        model = str(workspace / "model")
        self.batch = int(arguments["batch"])
        self.mean = arguments["pooling"] == "mean"
        kind, number = arguments["device"].split(":")
        self.device = torch.device("cpu" if kind == "cpu" else f"cuda:{number}")
        if kind == "cpu":
            torch.set_num_threads(int(number))
        self.dtype = getattr(torch, arguments["dtype"])
        self.tokenizer = Tokenizer.from_file(str(workspace / "model" / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.model = load(transformers, model, self.dtype, kind == "cuda").to(self.device).eval()
        self.head = None if self.mean else head(Path(model)).to(self.device, self.dtype)
        texts = workspace / "texts"
        self.passages = (texts / "passages.txt").read_text("utf-8").splitlines()
        self.queries = (texts / "queries.txt").read_text("utf-8").splitlines()
        self.lists = []
        for file in sorted(texts.glob("list-*.txt")):
            query, *candidates = file.read_text("utf-8").splitlines()
            self.lists.append((query, candidates))

    def do_describe(self):
        attention = self.model.config._attn_implementation
        return f"{self.versions}, {attention} attention, {self.dtype}, {self.device}"

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

    def do_measure(self, what):
        if what.startswith("latency-"):
            figures = self.latency(int(what[len("latency-") :]))
        elif what == "peak":
            figures = self.peak()
        else:
            raise ValueError("nothing to measure by the name " + what)
        return " ".join(f"{name}={value}" for name, value in figures.items())

    def rows(self, workload):
        if workload == "passages":
            return self.all(self.prompts(self.passages, "passage: "), self.batch, False)
        if workload == "queries":
            prompts = self.prompts(self.queries, "query: ")
            return [row for prompt in prompts for row in self.all([prompt], 1, False)]
        if workload == "batch":
            return self.all(self.prompts(self.queries, "query: "), self.batch, False)
        if workload == "rerank" and not self.mean:
            return [
                row
                for query, candidates in self.lists
                for row in self.all(self.pairs(query, candidates), self.batch, True)
            ]
        raise ValueError("no workload " + workload)

    def prompts(self, texts, prefix):
        """Ids of <s>prefix text</s>; mean pooling has no prefix."""
        texts = texts if self.mean else [prefix + text for text in texts]
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]

    def pairs(self, query, candidates):
        """Ids of <s>query: q<s>document: text."""
        texts = ["query: " + query] + ["document: " + text for text in candidates]
        ids = [encoding.ids[:-1] for encoding in self.tokenizer.encode_batch(texts)]
        return [ids[0] + row for row in ids[1:]]

    def all(self, ids, batch, score):
        """In batches of rows of similar length; rows in the order of arrival."""
        order = range(len(ids))
        if not self.mean:
            order = sorted(order, key=lambda row: -len(ids[row]))
        results = [None] * len(ids)
        for first in range(0, len(ids), batch):
            some = order[first : first + batch]
            for row, result in zip(some, self.encode([ids[row] for row in some], score)):
                results[row] = result
        return results

    def encode(self, ids, score):
        torch = self.torch
        longest = max(len(row) for row in ids)
        padded = [row + [0] * (longest - len(row)) for row in ids]
        input_ids = torch.tensor(padded, device=self.device)
        # Rows of one length need no mask: without it PyTorch takes its fastest causal kernel.
        mask = None
        if any(len(row) < longest for row in ids):
            ones = [[1] * len(row) + [0] * (longest - len(row)) for row in ids]
            mask = torch.tensor(ones, device=self.device)
        with torch.inference_mode():
            states = self.model(
                input_ids=input_ids, attention_mask=mask, use_cache=False
            ).last_hidden_state
            if self.mean:
                if mask is None:
                    return states.mean(1).tolist()
                weights = mask.unsqueeze(-1).to(states.dtype)
                return ((states * weights).sum(1) / weights.sum(1)).tolist()
            lasts = torch.tensor([len(row) - 1 for row in ids], device=self.device)
            vectors = states[torch.arange(len(ids), device=self.device), lasts]
            if score:
                return (vectors @ self.head.T).float().tolist()
            return torch.nn.functional.normalize(vectors.float(), dim=-1).tolist()

    def latency(self, callers):
        """Of callers that each encode one query after another; see Latency.java."""
        each = max(8, 512 // callers)
        prompts = self.prompts(self.queries, "query: ")
        seconds = []

        def call(count, first, record):
            end = time.perf_counter() + PATIENCE
            for i in range(count):
                start = time.perf_counter()
                if i > 0 and start > end:
                    return
                self.all([prompts[(first + i) % len(prompts)]], 1, False)
                if record:
                    seconds.append(time.perf_counter() - start)

        def together(count, record):
            threads = [
                threading.Thread(target=call, args=(count, caller * count, record))
                for caller in range(callers)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        together(max(1, each // 4), False)
        start = time.perf_counter()
        together(each, True)
        everything = time.perf_counter() - start
        seconds.sort()
        return {
            "p50ms": 1e3 * seconds[len(seconds) // 2],
            "p99ms": 1e3 * seconds[int(0.99 * len(seconds))],
            "perSecond": len(seconds) / everything,
        }

    def peak(self):
        """A large matrix product in the model's type, and a copy within the device's memory."""
        torch = self.torch
        size, floats = (8192, 1 << 30) if self.device.type == "cuda" else (1024, 1 << 25)
        one = torch.randn(size, size, device=self.device).to(self.dtype)
        other = torch.randn(size, size, device=self.device).to(self.dtype)
        product = self.fastest(lambda: one @ other)
        source = torch.zeros(floats, dtype=torch.float32, device=self.device)
        target = torch.empty_like(source)
        copy = self.fastest(lambda: target.copy_(source))
        return {"tflops": 2 * size**3 / product / 1e12, "copyGBs": 2 * 4 * floats / copy / 1e9}

    def fastest(self, work):
        times = []
        for _ in range(20):
            self.synchronize()
            start = time.perf_counter()
            work()
            self.synchronize()
            times.append(time.perf_counter() - start)
        return min(times)

    def synchronize(self):
        if self.device.type == "cuda":
            self.torch.cuda.synchronize(self.device)


def load(transformers, directory, dtype, cuda):
    """The model with the best attention that this installation offers for the device."""
    if cuda:
        for attention in ("flash_attention_2", "sdpa"):
            try:
                return transformers.AutoModel.from_pretrained(
                    directory, dtype=dtype, attn_implementation=attention
                )
            except (ImportError, ValueError) as error:
                print(f"no {attention}: {error}", file=sys.stderr)
    return transformers.AutoModel.from_pretrained(directory, dtype=dtype)


def head(model):
    """The row that makes scores, [1, hidden]."""
    from safetensors import safe_open

    for file in sorted(model.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            if "score.weight" in tensors.keys():
                return tensors.get_tensor("score.weight")
    raise ValueError(f"no score.weight in {model}")


if __name__ == "__main__":
    serve(Peer)
