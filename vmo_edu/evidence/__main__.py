"""`python -m vmo_edu.evidence bibtex` prints the references; `... check` reads and checks every table."""

from __future__ import annotations

import argparse
import sys

from vmo_edu.evidence import DataError, bibtex, rows, tables


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : list of str, optional
        Words of the command line; taken from it if left out.

    Returns
    -------
    int
        0, or 1 if a table is damaged.
    """
    parser = argparse.ArgumentParser(prog="python -m vmo_edu.evidence", description=__doc__)
    parser.add_argument("command", choices=["bibtex", "check"])
    command = parser.parse_args(arguments).command
    try:
        if command == "bibtex":
            sys.stdout.reconfigure(encoding="utf-8")
            print(bibtex())
        else:
            for name in tables():
                print(f"{name}: {len(rows(name))} rows, no fault found")
    except DataError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
