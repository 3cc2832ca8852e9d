"""A selector plugin for smtp-router: healthy downstreams in turn. Change this file."""

import threading
from typing import Any

from smtp_router.selector.v2.selector_pb2 import (
    DOWNSTREAM_STATE_UP,
    VERDICT_DEFER,
    Route,
    SelectReply,
    SelectRequest,
)
from smtp_router_plugin import Selector, serve


class Strategy(Selector):
    """Several messages are decided about at a time, hence the lock."""

    name = "my-selector"
    version = "0.1.0"
    # Header fields that select looks at, by name: ["X-Tag"].
    headers: list[str] = []

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = 0
        self._avoid: list[str] = []

    def configure(self, config: Any) -> list[tuple[str, str]]:
        """Takes the operator's config before the first message; answers what is wrong with it, by place."""
        avoid = (config or {}).get("avoid", [])
        if not isinstance(avoid, list) or not all(isinstance(name, str) for name in avoid):
            return [("avoid", "must be a list of names")]
        self._avoid = avoid
        return []

    def select(self, request: SelectRequest) -> SelectReply:
        """Decides about one message: which downstreams to try, in what order, and why."""
        usable = [one for one in request.downstreams if one.id not in self._avoid]
        if not usable:
            return SelectReply(
                verdict=VERDICT_DEFER, text="No route at the moment", reason="all are to be avoided"
            )
        with self._lock:
            first = self._turn % len(usable)
            # Nothing will be sent in a dry run: decide as ever, and change no state.
            if not request.dry_run:
                self._turn += 1
        order = sorted(usable[first:] + usable[:first], key=lambda one: one.state != DOWNSTREAM_STATE_UP)
        route = Route(candidate_ids=[one.id for one in order])
        return SelectReply(routes=[route], reason="healthy ones in turn")


if __name__ == "__main__":
    serve(Strategy())
