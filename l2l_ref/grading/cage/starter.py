"""What runs first in a cage: ipykernel, on sockets that are already there.

The sockets come from outside, open and named, so that the cage needs no folder that it shares with
this machine. A number for each stands on the command line, as ``PORT=FILE,...``, and behind it that
of the pipe to `hearing`.
"""

import itertools
import os
import sys

import zmq

from .hearing import tell


def take(sockets: dict[str, int]) -> None:
    """Have each name ``ipc://...-PORT`` bound to the socket that is there for it, once.

    What would go over the network, such as the word of forked processes, goes over sockets of the
    cage, for it has no other; 0MQ would end the process. A debugger would call the given sockets by
    their names, which lie outside; nobody debugs here.

    Args:
        sockets: the open file for each port.
    """
    bind, connect = zmq.Socket.bind, zmq.Socket.connect

    def bind_given(self, address: str):
        file = sockets.pop(address.rpartition("-")[2], None)
        if file is not None:
            self.setsockopt(zmq.USE_FD, file)
        return bind(self, within(address))

    def bind_to_a_port(self, address: str, *how, **ways) -> int:
        port = next(ports)
        bind(self, within(f"{address}:{port}"))
        return port

    def connect_within(self, address: str | bytes):
        address = within(os.fsdecode(address))
        if not address.startswith("ipc:///"):
            connect(self, address)

    ports = itertools.count(1)
    zmq.Socket.bind, zmq.Socket.connect = bind_given, connect_within
    zmq.Socket.bind_to_random_port = bind_to_a_port


def within(address: str) -> str:
    """An address of the network as one that has no file, in the cage alone."""
    return address.replace("tcp://", "ipc://@", 1)


def main() -> None:
    """Start the kernel."""
    pairs = (each.split("=") for each in sys.argv.pop(1).split(","))
    sockets, ear = {port: int(file) for port, file in pairs}, int(sys.argv.pop(1))
    for file in (*sockets.values(), ear):
        os.set_inheritable(file, False)
    take(sockets)
    tell(ear)
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
