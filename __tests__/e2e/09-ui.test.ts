/**
 * @needs platform
 * @areas lib/consul/gateway/gateway-config.ts lib/consul/nginx/nginx.ts
 * @seconds 80
 */
import { withChromium } from "./support/chromium.js";
import { throughGateway } from "./support/http.js";
import { command, measured, nameOf, platform, until } from "./support/platform.js";
import { caCertificate } from "./support/state.js";

const { httpPort, httpsPort } = platform();

/** What a browser showed of a page, and what it complained about. */
interface Visit {
  readonly title: string;
  readonly text: string;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a page in a real Chromium and waits until these words stand in it. */
function visit(url: string, words: readonly string[]): Promise<Visit> {
  return withChromium(async (browser) => {
    // Chromium trusts the machine's CAs; that the certificate is right is shown in 07.
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(new URL(request.url()).origin));
    const begun = Date.now();
    await page.goto(url, { waitUntil: "load", timeout: 60_000 });
    for (const word of words) await page.getByText(word, { exact: true }).first().waitFor({ timeout: 60_000 });
    measured(`${url} shows ${words.join(", ")}`, (Date.now() - begun) / 1000, 10);
    return { title: await page.title(), text: (await page.textContent("body")) ?? "", complaints, requests };
  });
}

describe.each([
  ["HTTP", `http://localhost:${httpPort}`],
  ["HTTPS", `https://localhost:${httpsPort}`],
])("the Consul UI in Chromium over %s", (_, origin) => {
  let page: Visit;
  beforeAll(async () => {
    page = await visit(`${origin}/ui/dc1/services`, ["billing_service", "account_service"]);
  });

  test("lists the services", () => {
    expect(page.title).toMatch(/Services.*Consul/);
    expect(page.text).toMatch(/billing_service/);
  });

  test("works under the security headers: nothing in it is blocked", () => {
    expect(page.complaints.filter((text) => /Content Security Policy|Refused to|blocked/i.test(text))).toEqual([]);
  });

  test("complains of nothing else either", () => {
    expect(page.complaints).toEqual([]);
  });

  test("asks nobody but the gateway", () => {
    expect([...new Set(page.requests)].filter((asked) => asked !== origin && asked !== "null")).toEqual([]);
  });
});

test("one service's page shows its instance and that its checks pass", async () => {
  const { text } = await visit(`http://localhost:${httpPort}/ui/dc1/services/billing_service/instances`, [
    "billing_service",
    "isa-billing:8216",
  ]);
  expect(text).toMatch(/All service checks passing/);
});

describe("the gateway's answers", () => {
  test.each([
    ["the UI", "/ui/dc1/services"],
    ["the API", "/v1/catalog/services"],
    ["a refusal", "/v1/acl/tokens"],
    ["what is not there", "/nothing-here"],
  ])("carry the security headers: %s", async (_, path) => {
    for (const tls of [undefined, { ca: caCertificate() }]) {
      const { headers } = await throughGateway({ method: "GET", path }, tls);
      expect(headers).toMatchObject({
        "content-security-policy": expect.stringMatching(/default-src 'self'.*frame-ancestors 'none'/),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
      });
      expect(headers.server).not.toMatch(/\d/);
    }
  });
});

describe("the access log", () => {
  test("has each request, and no query string of any", async () => {
    const mark = `/v1/catalog/service/logged-${Date.now()}`;
    for (const query of ["filter=hidden-filter", "index=1&wait=1s&filter=hidden-filter", "token=secret-in-query"])
      await throughGateway({ method: "GET", path: `${mark}?${query}` });
    await throughGateway({ method: "PUT", path: `${mark}?dc=hidden-dc`, body: {} });
    const log = await until("the requests in docker logs", 5, async () => {
      const { stdout, stderr } = await command("docker", ["logs", "--tail", "2000", nameOf("consul-ui")]);
      return (stdout + stderr).split(mark).length > 3 && stdout + stderr;
    });
    expect(log).not.toMatch(/secret-in-query|hidden-/);
    expect(log.split("\n").filter((line) => line.includes("?"))).toEqual([]);
  });
});
