"""The other end of `lib/subject.ts`, for peers in Python: one line of JSON for each line of the input."""

import json
import os
import sys


def settings():
    """What the bench handed over."""
    return json.loads(sys.argv[1])


def serve(name, answer):
    """Says that it is ready, and answers until the input ends. Whatever a library prints goes to stderr."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message):
        out.write(json.dumps(message) + "\n")
        out.flush()

    say({"ready": name})
    for line in sys.stdin:
        say(answer(json.loads(line)))
