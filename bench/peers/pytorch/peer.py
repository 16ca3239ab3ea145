"""A training step in PyTorch as a worker of bench/harness.ts: `peer.py <workload> --threads N`.

A workload is a file beside this one (or that which `--program` names, where there are several ways) with `build(sizes)`, which gets the workload's entry of
bench/workloads/sizes.json and returns its modules and `step(index) -> loss`. The worker answers each JSON
line on stdin with one on stdout, as bench/worker-protocol.ts says.
"""

import argparse
import ctypes
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path


def openblas_kernels():
    """The CPU kernels that OpenBLAS chose, or None where BLAS is another library."""
    try:
        library = ctypes.CDLL("libblas.so.3")
        library.openblas_get_corename.restype = ctypes.c_char_p
        return library.openblas_get_corename().decode()
    except (OSError, AttributeError):
        return None


def tune(threads):
    """Sets what PyTorch reads only at its start, so that no defect of the installation slows the peer.

    - An OpenBLAS older than the CPU falls back to kernels without AVX, several times slower than those
      that the CPU has: name the right ones.
    - OpenBLAS with POSIX threads and PyTorch's OpenMP keep a pool each; a pool that spins while it waits
      takes the cores from the other: let OpenMP wait passively.
    """
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if "OPENBLAS_CORETYPE" in os.environ or openblas_kernels() != "Prescott":
        return
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    kernels = "SKYLAKEX" if "avx512vl" in flags else "HASWELL" if "avx2" in flags else None
    if kernels:
        os.environ["OPENBLAS_CORETYPE"] = kernels
        os.execv(sys.executable, [sys.executable, *sys.argv])  # OpenBLAS is loaded: only a new start reads it


def peak_mb():
    """The most memory that was resident, in 10^6 bytes. getrusage alone would count the parent's before exec."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def versions():
    import torch

    found = {"torch": torch.__version__}
    kernels = openblas_kernels()
    if kernels:
        found["OpenBLAS kernels"] = kernels
    return found


def values_in(modules):
    """Number of values in parameters and running statistics."""
    floats = (t for module in modules for t in module.state_dict().values() if t.is_floating_point())
    return sum(t.numel() for t in floats)


def serve(modules, step, setup_ms):
    """Answers requests until stdin ends."""
    done = 0
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if "run" in request:
                ms_per_step = []
                losses = []
                for _ in range(request["run"]):
                    started = time.perf_counter()
                    losses.append(step(done))
                    ms_per_step.append((time.perf_counter() - started) * 1e3)
                    done += 1
                answer = {"msPerStep": ms_per_step, "firstLoss": losses[0], "loss": losses[-1]}
            elif "memory" in request:
                answer = {"peakMb": peak_mb()}
            elif "describe" in request:
                answer = {"versions": versions(), "parameters": values_in(modules), "setupMs": setup_ms}
            else:
                answer = {"error": f"unknown request {line.strip()}"}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def sizes_of(workload):
    """The workload's entry, with that of the one whose model it samples."""
    entries = json.loads((Path(__file__).parents[2] / "workloads" / "sizes.json").read_text())
    own = entries[workload]
    return {**entries[own["model"]], **own} if "model" in own else own


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", help="name of a file beside this one")
    parser.add_argument("--program", help="name of the file, where it is not the workload's")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    tune(options.threads)
    sys.dont_write_bytecode = True

    import torch

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    sizes = sizes_of(options.workload)
    started = time.perf_counter()
    modules, step = importlib.import_module((options.program or options.workload).replace("-", "_")).build(sizes)
    serve(modules, step, (time.perf_counter() - started) * 1e3)


if __name__ == "__main__":
    main()
