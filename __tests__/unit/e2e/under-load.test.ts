import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../../e2e/support/platform.js";
import { Repeater, slowest, summaryOf } from "../../e2e/support/poll.js";
import { type Met, type Traffic, underLoad } from "../../e2e/support/under-load.js";

/** What stands in for a gateway: keeps what it is told to keep, and has one service. */
class Gateway {
  readonly kept = new Map<string, string>();
  isFound = true;
  isMute = false;
  private readonly server: Server = createServer((request, answer) => this.answer(request, answer));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, answer: ServerResponse): void {
    const [path = "", query] = (request.url ?? "").split("?");
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      if (path.startsWith("/v1/health/")) {
        answer.statusCode = this.isMute ? 500 : 200;
        answer.end(this.isFound ? "[{}]" : "[]");
      } else if (query === "recurse" && request.method === "GET") {
        const pairs = [...this.kept].map(([Key, value]) => ({ Key, Value: Buffer.from(value).toString("base64") }));
        answer.end(JSON.stringify(pairs));
      } else {
        if (request.method === "DELETE") this.kept.clear();
        if (request.method === "PUT") this.kept.set(path.replace("/v1/kv/", ""), body);
        answer.end("true");
      }
    });
  }
}

let gateway: Gateway;
let at: { readonly httpPort: number; readonly service: string };
const said = jest.spyOn(process.stderr, "write").mockImplementation(() => true);

beforeEach(async () => {
  gateway = new Gateway();
  at = { httpPort: await gateway.listen(), service: "any" };
});

afterEach(async () => {
  await Repeater.stopAll();
  gateway.close();
});

afterAll(() => said.mockRestore());

/** Some load, in whose middle something happens for a while. */
function met(happens: () => void, ends: () => void, further: Partial<Traffic> = {}): Promise<Met> {
  const traffic = { token: "any", keys: "keys/", aim: 10, at, ...further };
  return underLoad("a test", traffic, async ({ reads: { attempts } }) => {
    const more = async (count: number) => {
      const before = attempts.length;
      await until("more reads", 5, async () => attempts.length > before + count);
    };
    happens();
    await more(4);
    ends();
    await more(25);
  });
}

const nothing = () => {};

test("where nothing happens, everything is acknowledged, kept and answered", async () => {
  const { acknowledged, refused, failed, lost } = await met(nothing, nothing);
  expect({ some: acknowledged > 50, refused, failed, lost }).toEqual({ some: true, refused: 0, failed: 0, lost: [] });
});

const loses = () => {
  gateway.kept.delete("keys/1");
};

test("a write that was acknowledged and is not there any more fails the test", async () => {
  await expect(met(loses, nothing)).rejects.toThrow("keys/1");
});

test("a write that was to be replaced fails nothing, and is told", async () => {
  expect(await met(loses, nothing, { isReplaced: true })).toMatchObject({ lost: ["keys/1"] });
});

test("a read that is refused, or finds no instance, is counted; too long without one fails the test", async () => {
  const finds = (isFound: boolean) => () => Object.assign(gateway, { isFound });
  const answers = (isMute: boolean) => () => Object.assign(gateway, { isMute });
  expect((await met(finds(false), finds(true))).failed).toBeGreaterThan(0);
  expect((await met(answers(true), answers(false))).failed).toBeGreaterThan(0);
  await expect(met(answers(true), nothing, { readAim: 0.3 })).rejects.toThrow("short");
});

test("an hour's attempts are summed up, of which the slowest is known, and the longest time without a success", () => {
  const attempt = (number: number) => ({ begunMs: number * 20, endedMs: number * 20 + 5, problem: "" });
  const attempts = Array.from({ length: 180_000 }, (_, number) => attempt(number));
  const failing = attempts.map((each, number) => (number >= 100 && number < 150 ? { ...each, problem: "500" } : each));
  expect(summaryOf(attempts)).toEqual({ gap: 0.02, failed: 0 });
  expect(summaryOf(failing)).toEqual({ gap: 1.02, failed: 50 });
  expect(summaryOf([])).toEqual({ gap: 0, failed: 0 });
  expect(slowest(failing)).toBe(0.005);
});
