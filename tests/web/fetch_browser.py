"""Fetch a browser for the tests where one is to be had; say plainly where not (the browser tests then skip loudly)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The browser that the tests will use: GATEWAY_CHROMIUM, one on the PATH, or Playwright's own."""
    named = os.environ.get("GATEWAY_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def main() -> None:
    if find():
        return
    call = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(call, check=False, timeout=600, capture_output=True).returncode or not find():
        print("NO BROWSER: Playwright's download failed; install chromium, or set GATEWAY_CHROMIUM", file=sys.stderr)


if __name__ == "__main__":
    main()
