import { execIn } from "../../docker/containers.js";

/** A request as Consul would send it. */
export interface CheckRequest {
  readonly host: string;
  readonly port: number;
  readonly text: string;
}

/** The beginning of what came back; `late` where no time was left to ask. */
export type CheckResponse = { readonly head: string } | "none" | "late";

/** So many at once, and so long for one and for all. */
const AT_ONCE = 20;
const SECONDS_EACH = 4;
const SECONDS_ALL = 20;

/**
 * Sends each request once from within a container, many at a time, and gives what came back. By `nc`: what else both
 * image families have would follow a redirect. A service may take the end of a request for a caller who has left, so
 * standard input stays open until it has answered.
 */
const SCRIPT = `
trap '' PIPE
place=$(mktemp -d) && cd "$place" || exit 1
one() {
  mkfifo "$1"
  busybox timeout ${SECONDS_EACH} busybox nc "$2" "$3" <"$1" 2>/dev/null | busybox head -c 4096 | busybox tr -d '\\r\\000' |
    busybox sed -n -e "1s/^/$1 /p" -e '/^$/q' -e "s/^[Ll][Oo][Cc][Aa][Tt][Ii][Oo][Nn]:/$1 location:/p" |
    busybox cut -c 1-1000 >"$1.answer" &
  exec 5>"$1"
  printf '%b' "$4" >&5 2>/dev/null
  wait
  cat "$1.answer"
}
while read -r number host port request; do
  (one "$number" "$host" "$port" "$request") &
done
wait
cd / && rm -r "$place"
`;

/**
 * Asks all of them from within a container, each for a few seconds at most.
 * @param exec runs a command there, with this as its standard input
 */
export async function sendCheckRequests(
  container: string,
  requests: readonly CheckRequest[],
  exec: typeof execIn = execIn,
): Promise<readonly CheckResponse[]> {
  const together = async (some: readonly CheckRequest[]): Promise<readonly CheckResponse[]> => {
    const lines = some.map(({ host, port, text }, number) => `${number} ${host} ${port} ${escaped(text)}\n`);
    return responsesIn(await exec(container, ["/bin/sh", "-c", SCRIPT], lines.join("")), some.length);
  };
  const begun = Date.now();
  const responses: CheckResponse[] = [];
  for (let from = 0; from < requests.length; from += AT_ONCE) {
    const some = requests.slice(from, from + AT_ONCE);
    const isLate = Date.now() - begun > SECONDS_ALL * 1000;
    responses.push(...(isLate ? some.map(() => "late" as const) : await together(some)));
  }
  return responses;
}

/** What the script prints: the number of a request and a line of its answer, of each a few. */
function responsesIn(printed: string, count: number): readonly CheckResponse[] {
  const lines = printed.split("\n").map((line) => line.split(/ (.*)/s));
  return Array.from({ length: count }, (_, number) => {
    const head = lines.flatMap(([of, text = ""]) => (of === String(number) ? [text] : []));
    return head.length === 0 ? "none" : { head: head.join("\n") };
  });
}

/** For `printf %b`: on one line, without a space, whatever the bytes are. */
function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
