"""The generated parts of README.md: `python -m tests.docs --check` or `--write`."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.support import ROOT

README = ROOT / "README.md"
SAMPLE = "fixtures/samples/flask/Dockerfile"
BASE = "httpd:2.4"


def dockopt(*words: str, given: str = "") -> str:
    """Return what the command prints on its standard output, run in the root of the repository."""
    command = [sys.executable, "-m", "optimizer", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, input=given)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def parts() -> dict[str, str]:
    """Return the generated parts by name."""
    inspected = dockopt("inspect", "--color", "never", "-", given=f"FROM {BASE}\n")
    return {
        "demo": f"```diff\n{dockopt('fix', '--diff', '--color', 'never', SAMPLE)}```",
        "inspect": f"```console\n$ printf 'FROM {BASE}\\n' | dockopt inspect -\n{inspected}```",
        "rules": dockopt("rules", "--format", "markdown").strip(),
    }


def filled(text: str) -> str:
    """Return README's text with its generated parts made anew."""
    for name, content in parts().items():
        pattern = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        text = pattern.sub(lambda m, c=content: f"{m.group(1)}{c}\n{m.group(2)}", text)
    return text


def main(mode: str) -> int:
    """Check for drift (1 where there is any), or write."""
    text = README.read_text()
    fresh = filled(text)
    if mode == "--write":
        README.write_text(fresh)
        return 0
    if fresh != text:
        print("README.md has drifted from the code; run `make format`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "--check"))
