"""A cell asks Linux for keys, rings, other namespaces and machines; and sees what it is told."""

from battery import after

ATTACK = """
import ctypes
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"
CALLS = {
    "keyctl": (250 if X86 else 219, 0, -3, 1),
    "add_key": (248 if X86 else 217, b"user", b"left", b"behind", 6, -3),
    "io_uring_setup": (425, 4, bytes(120)),
    "userfaultfd": (323 if X86 else 282, 1),
    "bpf": (321 if X86 else 280, 5, bytes(120), 120),
    "perf_event_open": (298 if X86 else 241, bytes(120), 0, -1, -1, 0),
    "ptrace": (101 if X86 else 117, 16, 1, 0, 0),
    "unshare": (272 if X86 else 97, 0x10000000),
    "clone": (56 if X86 else 220, 0x10000000 | 17, 0, 0, 0, 0),
    "mount": (165 if X86 else 40, b"x", b"/tmp", b"tmpfs", 0, 0),
}
for name, call in CALLS.items():
    arguments = [ctypes.c_long(each) if isinstance(each, int) else each for each in call]
    print(name, libc.syscall(*arguments), os.strerror(ctypes.get_errno()))
for family in (socket.AF_VSOCK, socket.AF_INET, socket.AF_NETLINK):
    try:
        print(socket.socket(family, socket.SOCK_STREAM))
    except OSError as error:
        print(family.name, error.strerror)
for name in ("keys", "kcore", "timer_list"):
    try:
        print(len(open("/proc/" + name, "rb").read(100)))
    except OSError as error:
        print(name, "is not shown")
"""

NAMES = "keyctl add_key io_uring_setup userfaultfd bpf perf_event_open ptrace unshare clone mount"


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SHOWS = [
    "".join(f"{name} -1 Operation not permitted\n" for name in NAMES.split()),
    *(f"{name} Address family not supp" for name in ("AF_VSOCK", "AF_INET", "AF_NETLINK")),
    "keys is not shown",
]
