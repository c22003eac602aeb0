import { docker, nameOf } from "./platform.js";
import { pythonOutput } from "./python.js";
import { caCertificate } from "./state.js";

/** The certificate that a member of the platform has at the moment, and its key: PEM. */
export function pairOf(member: string): Promise<string> {
  return docker("exec", nameOf(member), "cat", "/rollcall/secrets/pair.pem");
}

/**
 * What a program on the control-plane network that shows this certificate meets at the first server, on its ports for RPC
 * and for HTTPS: "taken", or why it is refused.
 * @param pair left out for one that shows none
 */
export async function metAtServer(pair?: string): Promise<{ readonly rpc: string; readonly https: string }> {
  // On standard input: a key belongs on no command line and in no environment.
  const given = { ca: caCertificate(), pem: pair ?? "" };
  return JSON.parse(
    await pythonOutput(`GIVEN = ${JSON.stringify(given)}\n${PROGRAM}`, { network: "rollcall-control" }),
  );
}

const PROGRAM = `
import json, socket, ssl
context = ssl.create_default_context(cadata=GIVEN["ca"])
if GIVEN["pem"]:
    open("/tmp/own.pem", "w").write(GIVEN["pem"])
    context.load_cert_chain("/tmp/own.pem")

def met(port, first, say, is_taken):
    stream = socket.create_connection(("consul-server-1", port), timeout=10)
    stream.send(first)
    try:
        with context.wrap_socket(stream, server_hostname="server.dc1.consul") as tls:
            try:
                tls.send(say)
            except ssl.SSLError:
                pass  # The server has closed already. Why is still to be read.
            tls.settimeout(3)
            try:
                heard = tls.recv(100)
            except TimeoutError:
                heard = None
            return "taken" if is_taken(heard) else "closed" if heard == b"" else str(heard)
    except (ssl.SSLError, OSError) as error:
        return str(error)

print(json.dumps({
    # Consul's byte for RPC over TLS; what is taken is waited for. Over HTTPS what everybody may read.
    "rpc": met(8300, b"\\x03", b"\\x00", lambda heard: heard is None),
    "https": met(8501, b"", b"GET /v1/catalog/nodes HTTP/1.0\\r\\nHost: server\\r\\n\\r\\n", lambda heard: heard and b" 200 " in heard),
}))
`;
