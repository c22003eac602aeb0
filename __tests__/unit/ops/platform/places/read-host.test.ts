import * as host from "../../../../../ops/docker/docker-host.js";
import { readHost } from "../../../../../ops/platform/places/read-host.js";

jest.mock("../../../../../ops/docker/docker-host.js", () => ({
  ...jest.requireActual("../../../../../ops/docker/docker-host.js"),
  listAll: jest.fn(),
  docker: jest.fn(),
}));
const listAll = jest.mocked(host.listAll);
const docker = jest.mocked(host.docker);

const ID = "b".repeat(64);
const found = (kind: host.Kind, name: string, id = name): host.DockerObject => ({
  ...{ kind, id, name, instance: "", stack: "", state: kind === "container" ? "running" : "" },
});
/** A network with one container in it, which Docker lists from the second look on, or never. */
function hostWith(isListedLater: boolean): void {
  const looks: (readonly host.DockerObject[])[] = [[]];
  const container = found("container", "billing", ID);
  listAll.mockImplementation(async (kind) =>
    kind === "network" ? [found("network", "shop")] : (looks.shift() ?? (isListedLater ? [container] : [])),
  );
  const place = { Name: "billing", IPv4Address: "172.30.242.9/24" };
  const balancer = { Name: "shop-endpoint", IPv4Address: "172.30.242.3/24" };
  docker.mockImplementation(async ([kind]) =>
    kind === "network"
      ? JSON.stringify([{ Name: "shop", Id: "shop", Containers: { [ID]: place, "lb-shop": balancer } }])
      : JSON.stringify({ Id: ID, Networks: { shop: { NetworkID: "shop", IPAddress: "172.30.242.9" } } }),
  );
}

test("a container that starts while the host is read is not taken for one that is gone", async () => {
  hostWith(true);
  expect((await readHost(["shop"], "mine")).endpoints).toMatchObject([
    { container: "billing", isGone: false, isRunning: true },
  ]);
});

test("an endpoint whose container is on no list is of one that is gone; those of Docker's own are none", async () => {
  hostWith(false);
  expect((await readHost(["shop"], "mine")).endpoints).toMatchObject([
    { container: "billing", isGone: true, isRunning: false, address: "172.30.242.9" },
  ]);
});
