import unittest

from plugin import RoundRobin
from smtp_router.selector.v2.selector_pb2 import Downstream, SelectRequest


class RoundRobinTest(unittest.TestCase):
    def test_every_downstream_gets_its_turn_whatever_is_asked_in_between(self) -> None:
        selector = RoundRobin()
        downstreams = [Downstream(id=name) for name in "abc"]
        for expected in (list("abc"), list("bca"), list("cab"), list("abc")):
            for dry_run in (True, False):
                reply = selector.select(SelectRequest(dry_run=dry_run, downstreams=downstreams))
                self.assertEqual(list(reply.routes[0].candidate_ids), expected)


if __name__ == "__main__":
    unittest.main()
