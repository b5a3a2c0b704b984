"""`make gpu` runs to its end where there is no GPU, and every file says what it ran on."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch

from l2l_ref.bench import gpu

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_short_run(tmp_path):
    make = [
        "make",
        "--no-print-directory",
        "gpu",
        f"PYTHON={sys.executable}",
        f"OUT={tmp_path} --short",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(make, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert json.loads(done.stdout[done.stdout.index("{") :]) == summary
    here = "cuda (" if torch.cuda.is_available() else "cpu"
    kind = here[:4].strip("(").strip()
    assert summary["device"].startswith(here)
    ends = {job["job"]: job["end"] for job in summary["jobs"]}
    assert ends.keys() == {"bench", "tests", "quadratics"}
    assert ends["bench"] == ends["tests"] == "exit 0"
    assert ends["quadratics"] in ("exit 0", "stopped after 20 s")
    assert summary["tests"]["passed"] > 0
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()[0]
    assert here in suite.attrib["name"]
    bench = json.loads(next(tmp_path.glob("bench.*.json")).read_text())
    assert bench["device"].startswith(here)
    assert {row["work"].split(" ")[0] for row in bench["rows"]} == {"quadratics"}
    assert (tmp_path / "quadratics" / "checkpoint.pt").exists()
    assert kind in next(tmp_path.glob("bench.*.json")).name
    for file in (*tmp_path.glob("*.json"), *tmp_path.glob("*.xml"), *tmp_path.glob("*/*.json")):
        for place in (tmp_path, ROOT):  # no path of this machine
            assert str(place) not in file.read_text()
    again = [sys.executable, "-m", "l2l_ref.bench.gpu", f"--out={tmp_path}", "--short"]
    done = subprocess.run([*again, "--only=tests"], cwd=ROOT, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    after = {job["job"]: job for job in json.loads((tmp_path / "summary.json").read_text())["jobs"]}
    assert after.keys() == ends.keys()
    for job in summary["jobs"]:
        assert (after[job["job"]] == job) == (job["job"] != "tests")


def test_the_rounds_take_less_than_nine_minutes():
    for short in (False, True):
        rounds = gpu.rounds(torch.device("cpu"), short)
        assert sum(max(job.seconds for job in side_by_side) for side_by_side in rounds) < 540


def test_a_job_that_fails_and_one_that_hangs(tmp_path):
    hang = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    jobs = [
        gpu.Job("fails", ("-c", "print('said'); raise SystemExit(3)"), 60),
        gpu.Job("hangs", ("-c", hang.replace("input()", "import time; time.sleep(99)")), 2),
    ]
    ended = {job["job"]: job["end"] for job in gpu.run(jobs, tmp_path)}
    assert ended == {"fails": "exit 3", "hangs": "stopped after 2 s"}
    assert (tmp_path / "fails.log").read_text() == "said\n"
