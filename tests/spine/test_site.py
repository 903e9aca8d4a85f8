"""The static site in a real browser: a customer logs in and sees who answered."""

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import async_playwright, expect

from matapalo.demo.errands import password, phone
from matapalo.local import running
from tests.spine.wallet import copy_to, matapalo


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "a browser is needed: apt-get install chromium"
    return found


async def test_a_customer_sees_the_side_that_answered_change(tmp_path: Path) -> None:
    blueprint = copy_to(tmp_path)
    async with running(blueprint) as system, async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = await browser.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        await page.goto(f"{system.edge_url}/app")
        await page.get_by_label("Celular").fill(phone(7))
        await page.get_by_label("Clave").fill(password(7))
        await page.get_by_role("button", name="Ingresar").click()
        await expect(page.get_by_text("Hola,")).to_be_visible()
        await expect(page.locator("#balance")).to_contain_text("$")

        moved = await asyncio.to_thread(
            matapalo, blueprint, "advance", "statements", "--to", "switched",
            "--yes", "--force", "--why", "the test looks at the page",
        )  # fmt: skip
        assert moved.returncode == 0, moved.stderr
        await page.get_by_role("button", name="Ver").click()
        await expect(page.get_by_text("GET /api/statements/").first).to_be_visible()
        await expect(page.locator("main")).to_contain_text("statements")
        assert troubles == []
        await browser.close()
