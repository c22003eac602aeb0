import { createServer, type Server } from "node:http";
import { CommandFailed } from "../../../../lib/process.js";
import * as host from "../../../../ops/docker/docker-host.js";
import {
  askPort,
  deadGatewayPorts,
  deadPorts,
  heldPorts,
  judgeAddresses,
  portsOf,
  reviveGateway,
} from "../../../../ops/platform/gateway-ports.js";
import { refuseTakenPorts } from "../../../../ops/platform/preflight.js";
import { ports } from "../../../../ops/report/doctor/ports.js";

jest.mock("../../../../ops/docker/docker-host.js", () => ({
  ...jest.requireActual("../../../../ops/docker/docker-host.js"),
  listAll: jest.fn(),
  docker: jest.fn(),
}));
const listAll = jest.mocked(host.listAll);
const docker = jest.mocked(host.docker);
afterEach(() => jest.resetAllMocks());

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
  const dead = await deadPorts(portsOf({ httpPort: 1, httpsPort: port }));
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

describe("a gateway that runs", () => {
  const mine = { prefix: "", instance: "mine" };
  const restarts = () => docker.mock.calls.filter(([[verb]]) => verb === "restart");
  /** One that was made with these ports, and that Docker cannot restart. */
  const madeWith = (httpPort: number, httpsPort: number, state = "running") => {
    listAll.mockResolvedValue([
      { kind: "container", id: "1", name: "consul-ui", instance: "mine", stack: "gateway", state },
    ]);
    const bound = (port: number) => [{ HostIp: "127.0.0.1", HostPort: String(port) }];
    docker.mockImplementation(async ([verb = ""]) => {
      if (verb === "restart") throw new CommandFailed("docker restart", "exit", 1, ["port is already allocated"]);
      return JSON.stringify({ "8500/tcp": bound(httpPort), "8501/tcp": bound(httpsPort) });
    });
  };
  const held = async () => new Set((await heldPorts(mine)).values());

  test("is restarted where nothing answers on a port that it was made with", async () => {
    madeWith(1, 2);
    await expect(reviveGateway({ ...mine, httpPort: 1, httpsPort: 2 }, () => {})).rejects.toThrow(
      "consul-ui does not come back on its ports: port is already allocated",
    );
  });

  test("is not restarted for a port that the settings ask for now: Terraform recreates it", async () => {
    madeWith(3, 4);
    expect(await reviveGateway({ ...mine, httpPort: 1, httpsPort: 2 }, () => {})).toEqual([]);
    expect(restarts()).toEqual([]);
  });

  test("is found by drift where one of its ports is dead, with the command that brings it back", async () => {
    madeWith(port, 2);
    expect(await deadGatewayPorts({ ...mine, httpPort: port, httpsPort: 2 })).toEqual([
      {
        what: expect.stringMatching(/^nothing answers on 127\.0\.0\.1:2, though consul-ui runs: .*ECONNREFUSED/),
        remedy: "`npx rollcall up` restarts it.",
      },
    ]);
    madeWith(3, 4);
    expect(await deadGatewayPorts({ ...mine, httpPort: port, httpsPort: 2 })).toEqual([]);
  });

  test("holds its own ports, also while it is paused; another one that is taken is refused before it is replaced", async () => {
    madeWith(port, 4, "paused");
    await expect(refuseTakenPorts({ httpPort: port, httpsPort: 4 }, await held())).resolves.toBeUndefined();
    madeWith(3, 4);
    await expect(refuseTakenPorts({ httpPort: port, httpsPort: 4 }, await held())).rejects.toThrow(/is taken$/);
    madeWith(port, 4, "exited");
    expect(await held()).toEqual(new Set());
  });

  test("is not taken by doctor for another program on its ports while it is paused", async () => {
    const context = { settings: { ...mine, httpPort: port, httpsPort: 4 }, status: { parts: [] } } as never;
    madeWith(port, 4, "paused");
    expect((await ports.run(context)).problems).toEqual([]);
    madeWith(3, 4);
    expect((await ports.run(context)).problems).toMatchObject([{ what: expect.stringContaining("is taken by") }]);
  });
});
