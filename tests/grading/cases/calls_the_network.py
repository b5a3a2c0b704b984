"""A cell calls a server on this machine, asks for a name, and sends a datagram."""

from battery import after

ATTACK = """
import socket
import urllib.request

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_INET, kind) as connection:
            connection.settimeout(2)
            connection.connect(("127.0.0.1", int("@PORT@")))
            connection.send(b"answers, please")
            print("SENT")
    except OSError as error:
        print("no:", error)
try:
    print("KNOWN", socket.getaddrinfo("example.org", 80))
except OSError as error:
    print("no:", error)
try:
    urllib.request.urlopen("http://93.184.215.14/", timeout=2)
    print("REACHED")
except OSError as error:
    print("no:", error)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["no:.*no:.*no:"]
SANDBOX = True
FLAGGED = True
