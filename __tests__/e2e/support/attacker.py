# What somebody without a token can send to a Consul API. It prints one JSON document.
import json, socket, time

# The line before this program's first one says what is asked of it.
asked = json.loads(ASKED)
host, port = asked["host"], asked["port"]


def connect():
    return socket.create_connection((host, port), timeout=20)


def status_of(sock):
    """The status of the answer; "cut" where the connection ends without one."""
    try:
        line = sock.makefile("rb").readline()
        return line.split(b" ")[1].decode() if line.startswith(b"HTTP/") else "cut"
    except (OSError, IndexError):
        return "cut"


def upload(path, size):
    """One request with a body of that many bytes, most of it one name."""
    sock = connect()
    sock.sendall(f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n".encode())
    begin, end = b'{"Name":"', b'"}'
    left = size - len(begin) - len(end)
    try:
        sock.sendall(begin)
        while left > 0:
            part = min(left, 1 << 16)
            sock.sendall(b"a" * part)
            left -= part
        sock.sendall(end)
    except OSError:
        pass  # The answer, if there is one, came before all was sent.
    return status_of(sock)


def unfinished(count, request, seconds):
    """So many connections on each of which a request is begun and not finished."""
    held, refused = [], 0
    for _ in range(count):
        try:
            sock = connect()
            sock.sendall(request.encode())
            held.append(sock)
        except OSError:
            refused += 1
    time.sleep(seconds)
    return {"held": len(held), "refused": refused}


def modest(path, seconds, per_second):
    """Asks so often, a connection each, and tells how it was answered and how long the slowest took."""
    counts, slowest = {}, 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        try:
            sock = connect()
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            status = status_of(sock)
        except OSError as error:
            status = type(error).__name__
        took = time.monotonic() - begun
        slowest = max(slowest, took)
        counts[status] = counts.get(status, 0) + 1
        time.sleep(max(0, 1 / per_second - took))
    return {"counts": counts, "slowest": slowest}


def names(query, count):
    """Asks for that many services that there are not, one after the other, and tells how it was answered."""
    sock, answers, counts = None, None, {}
    for number in range(count):
        if sock is None:
            sock = connect()
            answers = sock.makefile("rb")
        sock.sendall(f"GET /v1/health/service/none-{number}?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        status = answers.readline().split(b" ")[1].decode()
        length = 0
        while (line := answers.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            elif line.lower() == b"connection: close":
                sock = None
        answers.read(length)
        counts[status] = counts.get(status, 0) + 1
    return counts


DEEDS = {"upload": upload, "unfinished": unfinished, "modest": modest, "names": names}
print(json.dumps(DEEDS[asked["does"]](*asked["with"])))
