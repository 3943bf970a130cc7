"""The same stacks as users of other libraries write them: how they are installed, below target, and run."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

from measure import ROOT, clean, said

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = ROOT / "target/bench/peers"
# Its Node.js also runs what CDKTF for Python is made of.
NODE = ROOT / "target/tools/node/node_modules/node/bin/node"


class Peer(NamedTuple):
    folder: str
    title: str
    # What lists its libraries with their versions, and how they are installed from that beside it.
    listed: tuple
    installing: list
    program: pathlib.Path
    main: str

    def install(self):
        """Once; again when the list has changed."""
        lists, place = [HERE / self.folder / name for name in self.listed], INSTALLED / self.folder
        stamp, listed = place / ".installed", "".join(path.read_text() for path in lists)
        if stamp.exists() and stamp.read_text() == listed:
            return
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for path in lists:
            shutil.copy(path, place)
        for command in self.installing:
            done = subprocess.run(command, cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                sys.exit(f"{self.title} cannot be installed: {' '.join(map(str, command))}\n{done.stdout[-4000:]}")
        stamp.write_text(listed)

    def command(self, tenants_file, out):
        settings = environment(CDKTF_OUTDIR=out, NODE_PATH=INSTALLED / self.folder / "node_modules", PYTHONPYCACHEPREFIX=INSTALLED / "pycache", PYTHONDONTWRITEBYTECODE="")
        return [self.program, HERE / self.folder / self.main, tenants_file], settings

    def versions(self):
        if self.folder == "python":
            pins = (HERE / "python/requirements.txt").read_text().split()
            return f"{said(self.program, '--version')} with {' and '.join(pin.replace('==', ' ') for pin in pins if pin.startswith('cdktf'))}"
        pins = json.loads((HERE / "javascript/package.json").read_text())["dependencies"]
        return f"Node.js {said(NODE, '--version')[1:]} with {' and '.join(f'{name} {version}' for name, version in pins.items() if 'cdktn' in name)}"


def environment(**more):
    return clean(PATH=f"{NODE.parent}:{os.environ['PATH']}", CHECKPOINT_DISABLE=1, DISABLE_VERSION_CHECK=1, **more)


ALL = [
    Peer(
        "python",
        "CDKTF for Python",
        ("requirements.txt",),
        [
            [sys.executable, "-m", "venv", "."],
            # Compiled when it is first used: the provider has tens of thousands of classes.
            ["bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "-r", "requirements.txt"],
        ],
        INSTALLED / "python/bin/python",
        "main.py",
    ),
    Peer(
        "javascript",
        "cdktn for JavaScript",
        ("package.json", "package-lock.json"),
        [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]],
        NODE,
        "main.js",
    ),
]


def install():
    subprocess.run([ROOT / "tests/setup", "node"], check=True, stdout=subprocess.DEVNULL)
    for peer in ALL:
        peer.install()
