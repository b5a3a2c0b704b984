"""What a machine with a GPU is borrowed for, in one go: ``make gpu``.

It needs a bare checkout and the packages of the reference, no installation. Where there is no GPU
it does the same on the CPU, and every file says so.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import torch

from ..support.files import data_folder, write_json
from ..support.provenance import describe, get_device, provenance

ROOT = Path(__file__).parents[2]
L2L = ("-m", "l2l_ref.cli")
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:benchmark", "--durations", "10")


@dataclass(frozen=True)
class Job:
    """A process of its own.

    Args:
        name: its output goes to a ``.log`` of this name.
        arguments: of the interpreter.
        seconds: after so many it is stopped; what it has written stays.
        threads: that each of its processes computes with; by default its share of the cores.
    """

    name: str
    arguments: tuple[str, ...]
    seconds: int
    threads: int | None = None


def rounds(device: torch.device, short: bool) -> list[list[Job]]:
    """The jobs; those of a round run side by side, and the benchmark, which they disturb, alone."""
    kind, workers = device.type, max(1, (os.cpu_count() or 1) - 4)
    bench = (*L2L, "bench", "--device", kind, "--repeats", "1" if short else "2")
    bench += ("--json", f"bench.{kind}.json")
    tests = (*PYTEST, str(ROOT / "tests" / "reference"), "--junitxml=junit.xml")
    tests += ("-o", f"junit_suite_name=reference tests on {describe(device)}")

    def training(task: str, preset: str) -> tuple[str, ...]:
        return (*L2L, "train", task, "--preset", preset, "--device", kind, "--out", task)

    if short:
        return [
            [Job("bench", (*bench, "--task", "quadratics"), 300)],
            [Job("tests", (*tests, "-k", "preprocess"), 200)],
            [Job("quadratics", training("quadratics", "quick"), 20)],
        ]
    return [
        [Job("bench", bench, 240)],
        [
            Job("tests", (*tests, "--numprocesses", str(workers)), 270, threads=1),
            *(Job(task, training(task, "paper"), 270) for task in ("quadratics", "digits")),
        ],
    ]


def run(side_by_side: list[Job], out: Path) -> list[dict]:
    """Run the jobs of a round in the folder; for each its command, its time, and how it ended."""
    share = max(1, (os.cpu_count() or 1) // len(side_by_side))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment["L2L_DATA"] = str(data_folder().resolve())
    began, running = time.monotonic(), []
    for job in side_by_side:
        with (out / f"{job.name}.log").open("wb") as log:
            command = [sys.executable, *job.arguments]
            threads = {"OMP_NUM_THREADS": str(job.threads or share)}
            process = subprocess.Popen(
                command,
                cwd=out,
                env=environment | threads,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        running.append((job, process))
    ended = []
    while running:
        time.sleep(0.1)
        seconds = time.monotonic() - began
        for job, process in list(running):
            if process.poll() is not None:
                how = f"exit {process.returncode}"
            elif seconds > job.seconds:
                os.killpg(process.pid, signal.SIGKILL)  # and its own processes
                process.wait()
                how = f"stopped after {job.seconds} s"
            else:
                continue
            command = without_places(" ".join(["python", *job.arguments]))
            ended.append({"job": job.name, "command": command, "seconds": seconds, "end": how})
            running.remove((job, process))
    return ended


def without_places(text: str) -> str:
    """Where the checkout lies on this machine is nobody's business."""
    return text.replace(f"{ROOT}{os.sep}", "")


def counted(junit: Path) -> dict[str, int]:
    """How many tests passed, failed and were skipped."""
    if not junit.exists():
        return {}
    junit.write_text(without_places(junit.read_text("utf-8")), "utf-8")
    suite = ElementTree.parse(junit).getroot()[0]
    failed, errors, skipped = (int(suite.attrib[key]) for key in ("failures", "errors", "skipped"))
    passed = int(suite.attrib["tests"]) - failed - errors - skipped
    return {"failed": failed, "errors": errors, "skipped": skipped, "passed": passed}


def main() -> None:
    """Run all, and write ``summary.json`` last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder for all results")
    parser.add_argument("--short", action="store_true", help="a part of each, to try it out")
    parser.add_argument("--only", help="this job; what the folder has of the others stays")
    options = parser.parse_args()
    device, out = get_device("auto"), options.out.resolve()
    planned = rounds(device, options.short)
    names = [job.name for side_by_side in planned for job in side_by_side]
    if options.only not in (None, *names):
        parser.error(f"there is no job {options.only!r}; the jobs are {', '.join(names)}")
    out.mkdir(parents=True, exist_ok=True)
    source = provenance(0, device) | {"command": "make gpu"}
    if device.type == "cpu":
        source["device"] = "cpu: torch finds no GPU here"
    if options.only is not None:
        planned = [[job for jobs in planned for job in jobs if job.name == options.only]]
    ended = of_others(out, options.only)
    for side_by_side in planned:
        ended += [job | {"time": source["time"]} for job in run(side_by_side, out)]
        summary = source | {"jobs": ended, "tests": counted(out / "junit.xml")}
        write_json(out / "summary.json", summary)
    print(json.dumps(summary, indent=2))


def of_others(out: Path, only: str | None) -> list[dict]:
    """What an earlier run says of its other jobs, where one alone is run again."""
    if only is None or not (out / "summary.json").exists():
        return []
    before = json.loads((out / "summary.json").read_text("utf-8"))
    return [job for job in before["jobs"] if job["job"] != only]


if __name__ == "__main__":
    main()
