import { overlap } from "../../../../ops/platform/preflight.js";
import { notApplied } from "../../../../ops/terraform/remedies.js";

test.each([
  [
    "write /var/lib/docker/x: no space left on device",
    /^There is no disk space left on the Docker host/,
    /docker system df/,
  ],
  [
    "Bind for 127.0.0.1:8500 failed: port is already allocated",
    /^A port that the gateway publishes is taken/,
    /ROLLCALL_HTTP_PORT/,
  ],
  [
    "Error starting userland proxy: listen tcp4 127.0.0.1:8500: bind: address already in use",
    /^A port that the gateway publishes is taken/,
    /ROLLCALL_HTTP_PORT/,
  ],
  [
    "unable to start container: Error response from daemon: Address already in use",
    /^Another container has the address/,
    /npx rollcall doctor/,
  ],
  [
    'Conflict. The container name "/consul-ui" is already in use by container',
    /^A name .* is taken/,
    /ROLLCALL_PREFIX/,
  ],
  [
    "Pool overlaps with other one on this address space",
    /^A subnet of the platform overlaps/,
    /ROLLCALL_CONTROL_SUBNET/,
  ],
  [
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
    /^Docker stopped answering/,
    /continues where it stopped/,
  ],
  [
    "Instance cannot be destroyed: Resource docker_volume.data has lifecycle.prevent_destroy set",
    /^The change would destroy the data of a server, which is protected/,
    /ROLLCALL_PROTECT=off/,
  ],
  ["Error acquiring the state lock: pq: ", /^Another run is working on this stack/, /Wait until it has ended/],
  ["container failed to be in healthy state", /^A container did not get healthy in time/, /docker logs/],
])("«%s» is told with its cause and a remedy", (said, cause, remedy) => {
  const error = notApplied("gateway", said);
  expect(error.message).toMatch(cause);
  expect(error.message).toContain(`stack gateway: ${said}`);
  expect(error.remedy).toMatch(remedy);
});

test("what is not known is told as Terraform said it", () => {
  expect(notApplied("access", "strange")).toMatchObject({ message: "The stack access was not applied: strange" });
});

test.each([
  ["172.30.241.0/24", "172.30.241.0/24"],
  ["172.30.241.0/24", "172.30.0.0/16"],
  ["172.30.241.128/25", "172.30.241.0/24"],
])("%s and %s overlap", (one, other) => {
  expect([overlap(one, other), overlap(other, one)]).toEqual([true, true]);
});

test.each([
  ["172.30.241.0/24", "172.30.242.0/24"],
  ["172.17.0.0/16", "172.30.241.0/24"],
  ["172.30.241.0/24", "fd00::/64"],
])("%s and %s do not", (one, other) => {
  expect([overlap(one, other), overlap(other, one)]).toEqual([false, false]);
});
