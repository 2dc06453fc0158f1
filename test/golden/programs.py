"""Runs the programs that "Copy as Python" makes, each by itself, and prints what each printed. Standard input: a list of texts."""

import contextlib
import io
import json
import sys

try:
    import torch
    import transformers  # noqa: F401
except ImportError as error:
    json.dump({"missing": str(error)}, sys.stdout)
    sys.exit()

torch.set_num_threads(1)


def run(program: str) -> dict:
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(program, "program", "exec"), {"__name__": "__main__"})
    except Exception as error:
        return {"printed": out.getvalue(), "error": f"{type(error).__name__}: {error}"}
    return {"printed": out.getvalue(), "error": None}


json.dump([run(program) for program in json.load(sys.stdin)], sys.stdout)
