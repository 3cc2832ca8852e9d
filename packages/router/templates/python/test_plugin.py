import unittest

from plugin import Strategy
from smtp_router.selector.v2.selector_pb2 import (
    DOWNSTREAM_STATE_DOWN,
    DOWNSTREAM_STATE_UP,
    VERDICT_DEFER,
    Downstream,
    SelectReply,
    SelectRequest,
)


def up(*names: str) -> list[Downstream]:
    return [Downstream(id=name, state=DOWNSTREAM_STATE_UP) for name in names]


def order_of(reply: SelectReply) -> list[str]:
    return list(reply.routes[0].candidate_ids)


class StrategyTest(unittest.TestCase):
    def test_each_message_begins_with_the_next_whatever_is_asked_in_between(self) -> None:
        strategy = Strategy()
        for expected in ("ses", "own", "far", "ses"):
            for dry_run in (True, False):
                request = SelectRequest(dry_run=dry_run, downstreams=up("ses", "own", "far"))
                self.assertEqual(order_of(strategy.select(request))[0], expected)

    def test_one_that_is_down_comes_last(self) -> None:
        down = Downstream(id="ses", state=DOWNSTREAM_STATE_DOWN)
        reply = Strategy().select(SelectRequest(downstreams=[down, *up("own")]))
        self.assertEqual(order_of(reply), ["own", "ses"])

    def test_what_is_to_be_avoided_is_not_tried_and_must_be_a_list(self) -> None:
        strategy = Strategy()
        self.assertEqual(strategy.configure({"avoid": ["ses"]}), [])
        reply = strategy.select(SelectRequest(downstreams=up("ses")))
        self.assertEqual(reply.verdict, VERDICT_DEFER)
        self.assertEqual(strategy.configure({"avoid": "ses"})[0][0], "avoid")


if __name__ == "__main__":
    unittest.main()
