"""Speed and memory, measured side by side with the plain way of doing the same: `python3 run.py bench`."""
