"""The way into a cage, which a process goes before it becomes bubblewrap: a keyring, and a filter.

A script that needs nothing but Python: ``python -I -S entrance.py bwrap ...`` runs bubblewrap with
a session keyring of its own, which is empty, and with a filter for system calls, made by
libseccomp. The filter refuses what a notebook has no use for and what would reach the machine, or
hold memory that belongs to no process. Flatpak and Docker refuse most of this by default.
"""

import ctypes
import errno
import os
import sys

LIBRARY = "libseccomp.so.2"

# Numbers of Linux and libseccomp, the same on all machines
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NOT_EQUAL, GREATER, MASKED_EQUAL = 1, 6, 7
SPEED, BINARY_TREE = 8, 2
JOIN_SESSION_KEYRING = 1
UNIX, STREAM, TYPE = 1, 1, 0xF
SOL_SOCKET = 1
BUFFERS = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and both with FORCE
SET_PIPE_SIZE = 1031
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
WHOLE = 0xFFFFFFFF  # of an int; Linux does not look at what stands above it

#: Connections that a socket may keep waiting; each can hold a full buffer.
WAITING = 128

#: Calls that a notebook has no use for.
REFUSED = {
    "keys": "add_key keyctl request_key",
    "large parts of the kernel": "bpf io_uring_enter io_uring_register io_uring_setup "
    "perf_event_open userfaultfd",
    "other processes": "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
    "namespaces and mounts": "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount "
    "open_tree pivot_root setns umount umount2 unshare",
    "memory of no process": "memfd_create memfd_secret mq_open msgget semget shmget vmsplice",
    "the machine": "acct adjtimex clock_adjtime clock_settime create_module delete_module "
    "finit_module get_kernel_syms init_module ioperm iopl kexec_file_load kexec_load "
    "lookup_dcookie nfsservctl query_module quotactl quotactl_fd reboot settimeofday stime swapoff "
    "swapon syslog _sysctl sysfs uselib ustat vhangup",
    "files by number": "fanotify_init fanotify_mark name_to_handle_at open_by_handle_at",
    "where memory lies": "get_mempolicy mbind migrate_pages move_pages set_mempolicy "
    "set_mempolicy_home_node",
    "what processors once did": "modify_ldt personality vm86 vm86old",
}

#: Numbers of calls that are newer than this list: for the cage they do not exist.
NEWER = range(451, 512)


class Compared(ctypes.Structure):
    """libseccomp's ``struct scmp_arg_cmp``: an argument, how it is compared, and with what."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def masked(argument: int, value: int, mask: int = WHOLE) -> Compared:
    """An argument is equal to a value, as far as the mask looks at it."""
    return Compared(argument, MASKED_EQUAL, mask, value)


class Filter:
    """A filter that allows all but what it refuses.

    Raises:
        OSError: there is no libseccomp.
    """

    def __init__(self):
        self.library = ctypes.CDLL(LIBRARY)
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(ALLOW)))
        if not self.context:
            raise OSError("libseccomp makes no filter")
        self.library.seccomp_attr_set(self.context, SPEED, BINARY_TREE)  # since 2.5

    def number(self, name: str) -> int:
        """The number of a call; below zero if it is none of this machine's."""
        return self.library.seccomp_syscall_resolve_name(name.encode())

    def refuse(self, call: str | int, *where: Compared, error: int = errno.EPERM) -> None:
        """Refuse a call where all the comparisons hold."""
        number = self.number(call) if isinstance(call, str) else call
        if number < 0:
            return
        compared = (Compared * len(where))(*where)
        action = ctypes.c_uint32(ERRNO | error)
        failed = self.library.seccomp_rule_add_array(
            self.context, action, number, ctypes.c_uint(len(where)), compared
        )
        if failed:
            raise OSError(-failed, f"libseccomp does not take the rule for {call}")

    def write(self, file: int) -> None:
        """Write the program that Linux runs at each call."""
        if failed := self.library.seccomp_export_bpf(self.context, file):
            raise OSError(-failed, "libseccomp does not write the filter")


def of_a_cage() -> Filter:
    """The filter of a cage."""
    made = Filter()
    for names in REFUSED.values():
        for name in names.split():
            made.refuse(name)
    for number in NEWER:
        made.refuse(number, error=errno.ENOSYS)
    made.refuse("clone3", error=errno.ENOSYS)  # nobody sees its flags; then clone is called
    for flag in NAMESPACES:
        made.refuse("clone", masked(0, flag, flag))
    for call in ("socket", "socketpair"):
        made.refuse(call, Compared(0, NOT_EQUAL, UNIX), error=errno.EAFNOSUPPORT)
        for kind in range(TYPE + 1):
            if kind != STREAM:  # of others, one socket can hold the data of many
                made.refuse(call, masked(1, kind, TYPE), error=errno.EPROTONOSUPPORT)
    made.refuse("listen", Compared(1, GREATER, WAITING), error=errno.EINVAL)
    for option in BUFFERS:
        made.refuse("setsockopt", masked(1, SOL_SOCKET), masked(2, option))
    made.refuse("fcntl", masked(1, SET_PIPE_SIZE))
    for request in TERMINAL_INPUT:
        made.refuse("ioctl", masked(1, request))
    return made


def main() -> None:
    """Become the program that the command line names, which is bubblewrap."""
    _, program, *arguments = sys.argv
    made = of_a_cage()
    # Where Linux has no keyrings there is none to leave.
    ctypes.CDLL(None).syscall(made.number("keyctl"), JOIN_SESSION_KEYRING, None)
    file = os.memfd_create("filter")
    made.write(file)
    os.lseek(file, 0, os.SEEK_SET)
    os.set_inheritable(file, True)
    only = {"PATH": os.environ["PATH"]}  # bubblewrap's own variables can be read in the cage
    os.execvpe(program, [program, "--seccomp", str(file), *arguments], only)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"no filter for system calls: {error} (apt install libseccomp2)")
