import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { requireTool } from "../../../dev/require-tool.js";

/** The path of a Chromium that is installed; on Debian or Ubuntu as root it is installed where it is missing. */
async function chromiumPath(): Promise<string> {
  const places = [
    process.env.CHROMIUM ?? "",
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/bin/chromium-browser",
  ];
  const found = places.find((place) => place !== "" && existsSync(place));
  if (found !== undefined) return found;
  await requireTool("chromium", "chromium");
  return "/usr/bin/chromium";
}

/** A real, headless Chromium that asks nobody but the pages that it is sent to. */
export async function withChromium<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
  const executablePath = await chromiumPath();
  const home = mkdtempSync(join(tmpdir(), "rollcall-chromium-"));
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, HOME: home },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}
