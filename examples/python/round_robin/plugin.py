"""A selector plugin in Python: downstreams in turn."""

import threading

from smtp_router.selector.v2.selector_pb2 import Route, SelectReply, SelectRequest
from smtp_router_plugin import Selector, serve


class RoundRobin(Selector):
    """Rotates the downstreams by one with each message; several are asked at a time, hence the lock."""

    name = "round robin"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = 0

    def select(self, request: SelectRequest) -> SelectReply:
        ids = [downstream.id for downstream in request.downstreams]
        with self._lock:
            first = self._turn % len(ids)
            if not request.dry_run:
                self._turn = first + 1
        order = ids[first:] + ids[:first]
        return SelectReply(routes=[Route(candidate_ids=order)], reason="in turn")


if __name__ == "__main__":
    serve(RoundRobin())
