"""What the benchmarks share: a release build, a run that is measured, what the machine is, and the sections of docs/benchmarks.md."""

import datetime
import json
import os
import pathlib
import platform
import re
import resource
import subprocess
import sys
import threading
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/benchmarks.md"


def release_build(package, *programs):
    """The programs of a package as they are released, by their names."""
    command = ["cargo", "build", "--locked", "--release", "--package", package, "--message-format", "json"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = (json.loads(line) for line in done.stdout.splitlines())
    built = {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}
    return [pathlib.Path(built[program]) for program in programs]


def clean(**more):
    """The caller's environment without what would change a run: settings for AWS, Terraform, CDKTF and Palisade."""
    strange = ("AWS_", "TF_", "CDKTF_", "PALISADE_", "TERRAFORM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | {name: str(value) for name, value in more.items()}


class Run(NamedTuple):
    """What one run took, with all that it started: seconds, and MiB of its largest process."""

    wall: float
    cpu: float
    peak: float


class Watched:
    """CPU seconds and peak memory (MiB) of one process, without its children, for as long as it can be asked."""

    def __init__(self, pid, every=0.02):
        self.pid, self.every, self.cpu, self.peak = pid, every, 0.0, 0.0
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        try:
            while True:
                fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
                status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
                self.cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                peaks = [line for line in status.splitlines() if line.startswith("VmHWM")]
                if not peaks:
                    return
                self.peak = int(peaks[0].split()[1]) / 1024
                time.sleep(self.every)
        except (FileNotFoundError, ProcessLookupError):
            return


def measured(command, directory, environment=None, limit=None, watch=False):
    """One run, or nothing when it takes longer than the limit (seconds). The disk is idle when it begins.

    A process starts with its parent's peak of memory, so that a small one's own is only seen by watching it, which a run that is timed
    should not have to bear.
    """
    os.sync()
    with open(pathlib.Path(directory) / "said.log", "w+") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, env=environment or clean(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        watched = Watched(process.pid, every=0.001) if watch else None
        late = threading.Timer(limit or 0, lambda: os.killpg(process.pid, 9))
        if limit:
            late.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = status
        late.cancel()
        if limit and wall >= limit:
            return None
        if status != 0:
            log.seek(0)
            sys.exit(f"{' '.join(map(str, command))}\n{log.read()[-4000:]}")
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = used.ru_maxrss / 1024 if used.ru_maxrss > floor else 0
    return Run(wall, used.ru_utime + used.ru_stime, watched.peak if watched else peak)


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def machine(directory):
    """When, and on what: a sentence."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.*)", info)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"Measured on {datetime.date.today()} on {os.cpu_count()} cores ({model.group(1) if model else platform.machine()}) with {memory:.0f} GiB, "
        f"Linux {platform.release()} and {said('df', '--output=fstype', str(directory)).split()[-1]}; load when it ended {os.getloadavg()[0]:.1f}."
    )


def marks(name):
    return f"<!-- bench/{name}: -->\n", f"<!-- end of bench/{name} -->\n"


def section(name):
    """What the page says of a benchmark."""
    begin, end = marks(name)
    return PAGE.read_text().partition(begin)[2].partition(end)[0]


def write_section(name, text):
    """Puts what a benchmark printed on the page, in place of what it printed before."""
    begin, end = marks(name)
    before, found, rest = PAGE.read_text().partition(begin)
    if not found:
        sys.exit(f"{PAGE} has no place for what bench/{name} prints: {begin}")
    PAGE.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{rest.partition(end)[2]}")
