"""The ledger of claims as one HTML file that works with no kernel and no network."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font-family: system-ui, sans-serif; margin: 1rem; }}
{style}</style>
</head>
<body>
<main id="ledger"></main>
<script type="module">
{script}
const data = {data};
const model = {{ page: true, get: (name) => data[name], send() {{}}, on() {{}}, off() {{}} }};
widget.render({{ model, el: document.getElementById("ledger") }});
</script>
</body>
</html>
"""


def page(title: str, script: str, style: str, spec: dict[str, Any], state: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
        Title of the page.
    script, style : str
        Front end of the widget: a JavaScript module with a default export, and its style sheet.
    spec, state : dict
        What the widget shows.
    """
    data = json.dumps({"spec": spec, "state": state}, ensure_ascii=False).replace("<", "\\u003c")
    script = script.replace("export default", "const widget =")
    return _PAGE.format(title=escape(title), style=style, script=script, data=data)
