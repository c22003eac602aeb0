import { createServer, type Server } from "node:http";
import { askPort, deadPorts, judgeAddresses } from "../../ops/gateway-ports";

const settings = { httpPort: 8500, httpsPort: 8501, datacenter: "dc1" };
const leader = { isGateway: true, status: 200, body: '"172.30.241.11:8300"\n' };
const ui = { isGateway: true, status: 200, body: "<title>Consul by HashiCorp</title>" };

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((_, answer) => answer.writeHead(500).end("no leader"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test("whoever answers is not dead, whatever it answers", async () => {
  expect(await askPort({ port, isTls: false })).toEqual({ status: 500, body: "no leader", isGateway: false });
});

test("a port on which nobody listens is dead, and so is one that speaks no TLS where it should", async () => {
  const dead = await deadPorts({ httpPort: 1, httpsPort: port });
  expect(dead.map(({ setting, isTls }) => [setting, isTls])).toEqual([
    ["ROLLCALL_HTTP_PORT", false],
    ["ROLLCALL_HTTPS_PORT", true],
  ]);
  expect(dead[0]?.why).toMatch(/ECONNREFUSED/);
});

describe("the addresses that up prints", () => {
  test("are well where Consul and its UI answer", () => {
    expect(judgeAddresses(settings, "", leader, ui)).toEqual([]);
  });
  test.each([
    ["no answer over TLS", "refused", leader, ui, "https://localhost:8501/v1/: refused"],
    ["nobody on the plain port", "", { dead: "ECONNREFUSED" }, ui, "http://localhost:8500/v1/: ECONNREFUSED"],
    [
      "somebody else on the plain port",
      "",
      { isGateway: false, status: 200, body: "hello" },
      ui,
      "http://localhost:8500/v1/: something else answers there",
    ],
    [
      "no UI",
      "",
      leader,
      { isGateway: true, status: 404, body: "" },
      "http://localhost:8500/ui/dc1/services: it answers 404, and not what was asked for",
    ],
  ])("are told where there is %s", (_, overTls, api, page, what) => {
    expect(judgeAddresses(settings, overTls, api, page)).toMatchObject([{ what }]);
  });
});
