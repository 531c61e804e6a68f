"""Build the site from the command line: `python3 run.py site [--out FOLDER] [--jobs N]`."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import time

from vmo_edu.website import BuildError, build, faults


def main(arguments: list[str] | None = None) -> int:
    """Build, check the links, and say what was written; returns the exit code."""
    parser = argparse.ArgumentParser(prog="run.py site", description="Write the course as a static site.")
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("site"), help="folder to write (site)"
    )
    parser.add_argument(
        "--jobs", type=int, default=min(4, os.cpu_count() or 1), help="processes for live pages"
    )
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    try:
        written = build(options.out, jobs=options.jobs, say=lambda text: print(text, flush=True))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    found = faults(options.out)
    for fault in found:
        print(fault, file=sys.stderr)
    size = sum(path.stat().st_size for path in written) / 1e6
    print(
        f"{len(written)} files, {size:.1f} MB, {time.perf_counter() - start:.0f} s. "
        f"Open {(options.out / 'index.html').resolve()}" + (f"; {len(found)} faults" if found else "")
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
