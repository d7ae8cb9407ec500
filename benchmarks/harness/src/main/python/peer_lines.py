"""The lines between a benchmark and a peer, as io.chasqui.benchmarks.PeerServer documents them."""

import sys


def serve(open_peer):
    """Opens a peer with the arguments, then answers each line by its method do_WORD."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what libraries print must not reach the protocol
    try:
        peer = open_peer(dict(word.split("=", 1) for word in sys.argv[1:]))
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
