import { createServer, type Server } from "node:net";

/** Whether a port on 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    (server) => close(server).then(() => true),
    () => false,
  );
}

/** Ports on 127.0.0.1 that nothing listens on, each another: all are held until the last one is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const addresses = servers.map((server) => server.address());
  await Promise.all(servers.map(close));
  return addresses.map((address) => (typeof address === "object" && address !== null ? address.port : 0));
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
