"""Ports: numbers a person may choose, free before anything starts."""

import socket
from collections.abc import Iterable, Mapping

from sandbox.supervisor.errors import SupervisorError


def refuse_taken(environment: Mapping[str, str], variables: Iterable[str]) -> None:
    """Every port is a number, different from the others, and free on the loopback."""
    taken: dict[int, str] = {}
    for variable in variables:
        port = _number(variable, environment[variable])
        if port in taken:
            raise SupervisorError(
                f"{taken[port]} and {variable} are both {port}: set one of them to another port."
            )
        taken[port] = variable
        if not _is_free(port):
            raise SupervisorError(
                f"Port {port} is in use: stop what uses it, or set {variable} to a free port."
            )


def _number(variable: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise SupervisorError(f"{variable} is {value!r}: set it to a port from 1 to 65535.")
    return int(value)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        # As the servers do it: closed connections of a former run are no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
