"""LoRA updates by Hugging Face's LlamaModel and PEFT on PyTorch, as a peer of the benchmarks.

Arguments, as name=value: workspace (model, adapter, batch.json); threads.
Speaks the lines that io.chasqui.benchmarks.PeerServer documents.
Needs torch, transformers and peft.
"""

import json
import resource
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "harness/src/main/python"))
from peer_lines import serve  # noqa: E402

TEMPERATURE = 0.01
RATE = 1e-4


class Peer:
    def __init__(self, arguments):
        import peft
        import torch
        import transformers

        self.torch = torch
        self.versions = (
            f"transformers {transformers.__version__}, peft {peft.__version__}"
            f" on PyTorch {torch.__version__}"
        )
        torch.set_num_threads(int(arguments["threads"]))
        workspace = Path(arguments["workspace"])
        base = transformers.AutoModel.from_pretrained(
            str(workspace / "model"), dtype=torch.float32, attn_implementation="sdpa"
        )
        base.config.use_cache = False
        self.model = peft.PeftModel.from_pretrained(
            base, str(workspace / "adapter"), is_trainable=True
        ).train()
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(self.trained, lr=RATE, weight_decay=0.01)
        batch = json.loads((workspace / "batch.json").read_text("utf-8"))
        self.queries = torch.tensor(batch["queries"])
        self.passages = torch.tensor([ids for own in batch["passages"] for ids in own])
        self.loaded = resident()
        self.positives = torch.arange(len(self.queries)) * len(batch["passages"][0])

    def embed(self, ids):
        states = self.model(input_ids=ids).last_hidden_state
        return self.torch.nn.functional.normalize(states[:, -1], dim=-1)

    def update(self):
        scores = self.embed(self.queries) @ self.embed(self.passages).T / TEMPERATURE
        loss = self.torch.nn.functional.cross_entropy(scores, self.positives)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return loss.item()

    def do_describe(self):
        return self.versions

    def do_run(self, workload):
        for _ in range(int(workload)):
            self.update()
        return ""

    def do_write(self, workload, file):
        losses = [self.update() for _ in range(int(workload))]
        with open(file, "wb") as out:
            out.write(struct.pack("<ii", len(losses), 1))
            out.write(struct.pack(f"<{len(losses)}f", *losses))
        return ""

    def do_measure(self, what):
        if what != "memory":
            raise ValueError("nothing to measure by the name " + what)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return f"peak={peak - self.loaded}"


def resident():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    serve(Peer)
