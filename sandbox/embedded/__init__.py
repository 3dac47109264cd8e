"""Real PostgreSQL and Valkey from wheels, shared by every process of this tree that asks for them.

One keeper process owns both servers. A process that uses a server holds a shared flock, which the kernel
drops however that process dies; the keeper stops a server nobody holds, and ends with the last one.
"""

from sandbox.embedded.errors import EmbeddedServersError
from sandbox.embedded.layout import ALL, POSTGRES, VALKEY
from sandbox.embedded.use import Servers, dismiss, ensure, forget, hand_down, release

__all__ = [
    "ALL",
    "POSTGRES",
    "VALKEY",
    "EmbeddedServersError",
    "Servers",
    "dismiss",
    "ensure",
    "forget",
    "hand_down",
    "release",
]
