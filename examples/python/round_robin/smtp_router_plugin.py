"""What a selector plugin in Python needs of go-plugin: handshake, health, and an orderly end.

Copy this file and the folder smtp_router beside a plugin of your own. Nothing in it concerns one strategy.
"""

import json
import os
import signal
import sys
import tempfile
import threading
from concurrent import futures
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from smtp_router.selector.v2 import selector_pb2, selector_pb2_grpc

COOKIE = ("SMTP_ROUTER_PLUGIN", "hello")
CONTRACT_VERSION = 2
# Selections answered at a time; the others wait.
WORKERS = 16
# Seconds for answers under way when the host ends the plugin.
GRACE = 1.0
# Seconds between two looks at the parent process.
PARENT_INTERVAL = 1.0


class Selector:
    """Base of a strategy."""

    name = ""
    version = ""
    # Names of the header fields select looks at; ["*"] for all.
    headers: list[str] = []

    def configure(self, config: Any) -> list[tuple[str, str]]:
        """Takes the operator's config, None without one; answers what is wrong as (path, message)."""
        del config
        return []

    def select(self, request: selector_pb2.SelectRequest) -> selector_pb2.SelectReply:
        """Decides for one message, on one of several threads. With request.dry_run it must change no state."""
        raise NotImplementedError


class _Service(selector_pb2_grpc.SelectorServicer):
    """The three calls of the contract."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector

    def Describe(self, request, context):
        del request, context
        return selector_pb2.DescribeReply(
            contract_version=CONTRACT_VERSION,
            name=self._selector.name,
            version=self._selector.version,
            headers=self._selector.headers,
        )

    def Configure(self, request, context):
        del context
        config = json.loads(request.config_json) if request.config_json else None
        problems = [
            selector_pb2.ConfigureProblem(path=path, message=message)
            for path, message in self._selector.configure(config)
        ]
        return selector_pb2.ConfigureReply(contract_version=CONTRACT_VERSION, problems=problems)

    def Select(self, request, context):
        del context
        reply = self._selector.select(request)
        reply.contract_version = CONTRACT_VERSION
        return reply


def serve(selector: Selector) -> None:
    """Serves the selector until the host ends it. Call it last."""
    _check_host()
    ended = threading.Event()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=WORKERS))
    selector_pb2_grpc.add_SelectorServicer_to_server(_Service(selector), server)
    _add_health(server)
    _add_controller(server, ended)
    address = _listen(server)
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(f"1|{CONTRACT_VERSION}|{address}|grpc", flush=True)
    _wait(ended)
    server.stop(GRACE).wait()


def _check_host() -> None:
    key, value = COOKIE
    if os.environ.get(key) != value:
        sys.exit("This is a plugin of smtp-router: name it in config.yaml, it is not run by itself.")
    versions = os.environ.get("PLUGIN_PROTOCOL_VERSIONS", "1").split(",")
    if str(CONTRACT_VERSION) not in versions:
        sys.exit(f"This plugin speaks version {CONTRACT_VERSION} of the contract; the host offers {versions}.")


def _add_health(server: grpc.Server) -> None:
    """A host of go-plugin asks for the health of a service called plugin."""
    servicer = health.HealthServicer()
    servicer.set("plugin", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)


def _add_controller(server: grpc.Server, ended: threading.Event) -> None:
    """plugin.GRPCController has one call, from an empty message to an empty message."""

    def shutdown(request: bytes, context: grpc.ServicerContext) -> bytes:
        del request, context
        ended.set()
        return b""

    method = grpc.unary_unary_rpc_method_handler(shutdown)
    handler = grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": method})
    server.add_generic_rpc_handlers((handler,))


def _listen(server: grpc.Server) -> str:
    """Network and address as the handshake line has them."""
    if sys.platform == "win32":
        return f"tcp|127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    folder = os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or tempfile.mkdtemp(prefix="plugin")
    path = os.path.join(folder, f"plugin{os.getpid()}")
    server.add_insecure_port(f"unix:{path}")
    return f"unix|{path}"


def _wait(ended: threading.Event) -> None:
    """Until the host ends the plugin, or is gone."""
    parent = os.getppid()
    while not ended.wait(PARENT_INTERVAL):
        if os.getppid() != parent:
            return
