"""A notebook in the browser, and an explorer in it, as a reader meets them: what one does there and sees."""

from __future__ import annotations

import contextlib
import json
import urllib.request

from tests import lab

# Where each program shows a notebook.
PLACES = {"lab": "/doc/tree/{}?reset", "notebook": "/notebooks/{}", "voila": "/voila/render/{}"}

# What cells wrote as errors, drawn or not: JupyterLab draws only the cells in view.
FAULTS = """panel => panel.content.widgets.filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.outputs.toJSON())
    .filter(output => output.output_type === 'error' || output.name === 'stderr')
    .map(output => output.evalue ?? output.text)"""

# Cell by cell into view; a widget that is still on its way gets ten seconds.
WORDS = """async () => {
    const panel = PANEL, seen = [];
    for (const [index, cell] of panel.content.widgets.entries()) {
        await panel.content.scrollToItem(index);
        await cell.ready;
        const late = Date.now() + 10000;
        do await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
        while (cell.node.innerText.includes('Loading widget') && Date.now() < late);
        seen.push(cell.node.innerText);
        if (UNTIL) break;
    }
    return seen.join('\\n'); }"""

# What Jupyter's own pages log in every session, with or without this course.
NOISE = ("favicon", "ResizeObserver loop", "WebSocket is already in CLOSING")


class NotebookPage:
    """One notebook, open in JupyterLab, Notebook 7 or Voila."""

    def __init__(self, context, address: str, name: str, app: str, cells: int):
        self.context, self.address, self.name, self.app, self.cells = context, address, name, app, cells
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}\n{error.stack}"))

    def _hear(self, message) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(noise in text for noise in NOISE):
            self.errors.append(text)

    def open(self) -> None:
        """Go there and wait until the notebook and its kernel are ready."""
        self.page.goto(self.address + PLACES[self.app].format(self.name))
        if self.app == "voila":
            self.page.wait_for_selector(".vmo-edu, .jp-OutputArea-output", timeout=90000)
            return
        lab.kernel_ready(self.page)

    def _sessions(self) -> list[dict]:
        """What the server knows of the kernels of this notebook."""
        with urllib.request.urlopen(f"{self.address}/api/sessions", timeout=20) as answer:
            return [session for session in json.load(answer) if session["path"].endswith(self.name)]

    def run_all(self) -> None:
        """Run every cell and wait until all are done; a cell that failed is an error here."""
        lab.run_all(self.page)
        failed = self.page.evaluate(f"({FAULTS})({lab.PANEL})")
        assert not failed, failed

    def words(self, until: str = "false") -> str:
        """Scroll down the notebook, so that every cell is drawn, and return the text seen; stop where `until` holds."""
        return self.page.evaluate(WORDS.replace("UNTIL", until).replace("PANEL", lab.PANEL))

    def accessibility_faults(self, context: str) -> list[str]:
        """What axe-core calls serious or critical inside a CSS selector, one line each."""
        from axe_playwright_python.sync_playwright import Axe

        # Jupyter's body has no height of its own; axe then takes all text for hidden and checks no contrast.
        self.page.evaluate("document.body.style.height = '100vh'")
        answer = Axe().run(self.page, context=context).response
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {[n['html'][:160] for n in rule['nodes']][:3]}"
            for rule in answer["violations"]
            if rule["impact"] in ("serious", "critical")
        ]

    def own_errors(self) -> list[str]:
        """The errors of this course (widgets come as blobs); Notebook 7 and Voila log some of their own."""
        return [error for error in self.errors if "blob:" in error or "vmo" in error or "anywidget" in error]

    def explorer(self, index: int = 0) -> ExplorerOnPage:
        """The index-th explorer of the page, scrolled into view."""
        root = self.page.locator(".vmo-edu").nth(index)
        root.wait_for(state="attached", timeout=30000)
        if not root.is_visible():  # JupyterLab 4.4 hides the cells that are far away
            self.words(until=f"document.querySelectorAll('.vmo-edu')[{index}].offsetParent")
        root.wait_for(state="visible", timeout=30000)
        root.scroll_into_view_if_needed()
        return ExplorerOnPage(self.page, root)

    def close(self) -> None:
        """Close the page and end its kernel."""
        with contextlib.suppress(Exception):
            self.context.close()
        with contextlib.suppress(OSError):
            for session in self._sessions():
                request = urllib.request.Request(f"{self.address}/api/sessions/{session['id']}", method="DELETE")
                urllib.request.urlopen(request, timeout=20).read()


class ExplorerOnPage:
    """The explorer as HTML: its sliders, buttons, words and picture."""

    def __init__(self, page, root):
        self.page, self.root = page, root

    # -- what the reader sees
    def description(self) -> str:
        """The sentences below the picture, with plain spaces between numbers and units."""
        return self.root.locator(".vmo-description").inner_text().replace("\u00a0", " ")

    def readouts(self) -> dict[str, str]:
        """The number tiles: label -> text."""
        tiles = self.root.locator(".vmo-tile").all()
        return {tile.locator("dt").inner_text(): tile.locator("dd").inner_text() for tile in tiles}

    def picture(self) -> dict[str, dict[str, str]]:
        """Every live group of the picture with what can change of it: gid -> {attribute: value}."""
        return self.root.evaluate(
            """root => Object.fromEntries([...root.querySelectorAll('.vmo-picture [data-gid]')].map(group => {
                 const kept = {};
                 for (const element of [group, group.querySelector(':scope > path')])
                   if (element) for (const name of ['transform', 'd', 'fill', 'stroke', 'display',
                                                    'stroke-width', 'fill-opacity', 'stroke-opacity'])
                     if (element.hasAttribute(name)) kept[name] = element.getAttribute(name);
                 const hidden = kept.display === 'none';    // then nobody sees the rest
                 return [group.dataset.gid, hidden ? {display: 'none'} : kept]; }))"""
        )

    def moved(self, before: dict[str, dict[str, str]]) -> list[str]:
        """The groups that look different from `before` (an earlier `picture()`)."""
        now = self.picture()
        return [gid for gid in now if now[gid] != before.get(gid)]

    def fault(self) -> str:
        """The red message; empty when there is none."""
        box = self.root.locator(".vmo-error")
        return box.inner_text() if box.is_visible() else ""

    # -- what the reader does
    def sliders(self):
        """The range inputs, in order."""
        return self.root.locator("input[type=range]").all()

    def drag(self, slider, share: float) -> None:
        """Drag a slider's thumb with the mouse to a share (0..1) of its track."""
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        low, high, value = (float(slider.evaluate(f"s => s.{name}")) for name in ("min", "max", "value"))
        thumb = 18
        x = lambda part: box["x"] + thumb / 2 + part * (box["width"] - thumb)  # noqa: E731
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(x((value - low) / (high - low)), y)
        self.page.mouse.down()
        self.page.mouse.move(x(share), y, steps=12)
        self.page.mouse.up()
        self.settle()

    def press(self, element, *keys: str) -> None:
        """Focus an element and press keys."""
        element.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def click(self, button: str) -> None:
        """Press one of the buttons by its name."""
        self.root.get_by_role("button", name=button, exact=True).click()
        self.settle()

    def settle(self, timeout: float = 20.0) -> None:
        """Wait until the kernel has confirmed what the controls say, and picture and words show it."""
        self.page.wait_for_function(
            """root => { const session = root.vmo?.session, words = root.querySelector('.vmo-description');
                 if (!session || !session.shown) return false;
                 if (session.acked !== session.state() || session.waiting) return false;
                 if (session.error) return true;             // that of the values that the controls hold now
                 const read = words.textContent.replaceAll('\u00a0', ' ');
                 return session.isShown() && read === session.shown.says.describe; }""",
            arg=self.root.element_handle(),
            timeout=timeout * 1000,
        )
