import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDiscovery } from "../src/create-discovery.js";

let folder: string;
let server: Server;
const seen: (string | undefined)[] = [];

/** A Consul behind a certificate that signs itself: authority and certificate in one. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "discovery-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const args = ["req", "-x509", ...curve, "-nodes", "-days", "2", ...names, "-keyout", key, "-out", cert];
  execFileSync("openssl", args, { stdio: "pipe" });
  server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, answer) => {
    seen.push(`${request.headers["x-consul-token"]} ${request.url}`);
    answer.end(
      JSON.stringify([{ Node: { Node: "n", Address: "10.0.0.1" }, Service: { ID: "a", Port: 1 }, Checks: null }]),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

async function pickWith(env: Record<string, string>): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const discovery = createDiscovery({ env: { CONSUL_PORT: `${port}`, ...env }, maxWatches: 0, timeoutMs: 2000 });
  try {
    return (await discovery.pick("web")).address;
  } finally {
    await discovery.close();
  }
}

test("the authority that CONSUL_CACERT names turns TLS on and is believed; token and datacenter go along", async () => {
  const env = { CONSUL_CACERT: join(folder, "cert.pem"), CONSUL_TOKEN: "t", CONSUL_DATACENTER: "dc2" };
  expect(await pickWith(env)).toBe("10.0.0.1");
  expect(seen.at(-1)).toBe("t /v1/health/service/web?dc=dc2&stale=");
});

test("fails: a certificate of an authority that nobody named is refused, and not verified where that is wanted", async () => {
  await expect(pickWith({ CONSUL_HTTP_SSL: "true" })).rejects.toMatchObject({ code: "CONSUL_UNREACHABLE" });
  expect(await pickWith({ CONSUL_HTTP_SSL: "true", CONSUL_HTTP_SSL_VERIFY: "false" })).toBe("10.0.0.1");
});
