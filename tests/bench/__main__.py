"""`python3 run.py bench [--quick] [--no-browser]`: prints tables, writes build/bench.json."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one round on the quiet machine instead of three under each condition"
    )
    parser.add_argument("--no-browser", action="store_true", help="models, import and memory only")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build" / "bench.json")
    options = parser.parse_args()
    from tests import lab
    from tests.bench import browser_bench, model_bench

    result = {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
    print(result["machine"], f"(load before: {result['load']})", flush=True)
    result["models"] = model_bench.run()
    print(model_bench.table(result["models"]), flush=True)
    if not options.no_browser and lab.chromium() is None:
        print("No browser was found (chromium or google-chrome): its part is left out.")
    elif not options.no_browser:
        plan = {"rounds": 1, "conditions": ("quiet",)} if options.quick else {}
        result["browser"] = browser_bench.run(**plan)
        print(browser_bench.table(result["browser"]), flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"Written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
