import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Truth } from "../../../bench/soak-truth.js";
import { waitUntil } from "../../../lib/wait-until.js";
import { catalogOf, team } from "../../support/catalog-helpers.js";

const BOUND_MS = 600;
const HERE = { address: "isa-billing", port: 8216 } as const;

/** What the Consul of these tests says of billing; undefined where it does not answer. */
let status: string | undefined;
let consul: Server;
let truth: Truth;

beforeEach(async () => {
  status = "passing";
  consul = createServer((_, answer) => {
    if (status === undefined) answer.writeHead(500).end("No cluster leader");
    else answer.end(JSON.stringify([{ ServiceName: "billing_service", Status: status }]));
  });
  await new Promise<void>((resolve) => consul.listen(0, "127.0.0.1", resolve));
  const { port } = consul.address() as AddressInfo;
  const catalog = catalogOf({ "a.yaml": team("a-team", ["billing_service: { port: 8216, address: isa-billing }"]) });
  truth = new Truth(`http://127.0.0.1:${port}`, catalog, BOUND_MS);
});

afterEach(async () => {
  truth.stop();
  consul.closeAllConnections();
  await new Promise((resolve) => consul.close(resolve));
});

/** Asks again until there is something wrong. */
function untilWrong(ask: () => Promise<string | undefined>): Promise<string> {
  return waitUntil({
    pauseMs: 20,
    look: async () => {
      const found = await ask();
      return found === undefined ? { missing: "a mistake" } : { found };
    },
  });
}

test("a pick of what was never in the catalog is wrong", async () => {
  expect(await truth.wrong("billing_service", { ...HERE, port: 1 })).toContain("never in the catalog");
});

test("a pick of what is critical is right within the bound, and wrong after it", async () => {
  status = "critical";
  const begun = Date.now();
  expect(await truth.wrong("billing_service", HERE)).toBeUndefined();
  expect(await untilWrong(() => truth.wrong("billing_service", HERE))).toContain("was critical for longer than 600 ms");
  expect(Date.now() - begun).toBeGreaterThan(BOUND_MS);
  expect(truth.behindMs).toBeGreaterThan(BOUND_MS);
});

test("no instance where one passes is wrong after the bound", async () => {
  expect(await untilWrong(() => truth.wrongToFail("billing_service"))).toContain("was passing for longer than 600 ms");
});

test("whoever hears of a change before the judge does is right", async () => {
  await untilWrong(() => truth.wrongToFail("billing_service"));
  const failed = truth.wrongToFail("billing_service");
  status = "critical";
  expect(await failed).toBeUndefined();
});

test("nobody is wrong while Consul has no answer", async () => {
  await untilWrong(() => truth.wrongToFail("billing_service"));
  status = undefined;
  expect(await truth.wrongToFail("billing_service")).toBeUndefined();
});
