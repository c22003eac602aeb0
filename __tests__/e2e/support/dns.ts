/**
 * Python that asks a host for Consul's servers by DNS over UDP, on Consul's port: `dns_over_udp(host)` gives how many
 * addresses it answers with, and raises where nothing answers.
 */
export const DNS_OVER_UDP = `
import socket, struct

def dns_over_udp(host, name="consul.service.consul"):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    # One question, recursion not asked for; type A, class IN.
    question = struct.pack(">6H", 4711, 0, 1, 0, 0, 0) + labels + b"\\x00" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stream:
        stream.settimeout(3)
        # Connected, so that the host's "nobody listens there" reaches us.
        stream.connect((host, 8600))
        for _ in range(2):
            stream.send(question)
        number, flags, _, answers, _, _ = struct.unpack(">6H", stream.recv(512)[:12])
    if number != 4711 or flags & 0x8000 == 0:
        raise ValueError("this is no answer")
    return f"{answers} addresses"
`;
