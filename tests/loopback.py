"""No test reaches another machine: a connection to anything but this machine fails at once and says so."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest


class NotLoopback(Exception):
    """A test tried to reach another machine."""


def _stays_here(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path
        return True
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not _stays_here(address):
            self.close()
            raise NotLoopback(f"A test tried to reach {address!r}. Tests talk to 127.0.0.1 only; use a fake for anything else.")
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Any:
    """For the whole run, `socket.connect` reaches loopback addresses and Unix sockets only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield
