import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../../ops/platform/free-ports.js";
import { selfSigned } from "../../support/self-signed.js";
import { furtherImage } from "./further-image.js";
import type { Instance } from "./instance.js";
import { docker, until } from "./platform.js";

/** A real PostgreSQL for a platform's state, over TLS or not at all, as docs/security.md says it. */
export class Database {
  /** Nothing but this one is opened with it. */
  readonly password = "only-of-this-test";
  private readonly name = `states${process.pid % 1000}`;

  private constructor(private readonly place: Readonly<Record<string, string>>) {}

  /** @param instance whose folder and settings it uses */
  static async create(instance: Instance): Promise<Database> {
    const tls = join(instance.folder, "tls");
    const [port = 0] = await freePorts(1);
    const database = new Database({
      PGHOST: "127.0.0.1",
      PGPORT: String(port),
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: join(tls, "cert.pem"),
    });
    const image = await furtherImage("postgres", instance.settings);
    const { certPem, keyPem } = selfSigned("127.0.0.1");
    mkdirSync(tls);
    writeFileSync(join(tls, "cert.pem"), certPem);
    writeFileSync(join(tls, "key.pem"), keyPem);
    // `npm test` runs under umask 077, and the database's user reads them as everybody.
    chmodSync(tls, 0o755);
    for (const name of ["cert.pem", "key.pem"]) chmodSync(join(tls, name), 0o644);
    const start = [
      'PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"',
      'echo "$PASSWORD" >/tmp/password',
      "initdb --pgdata=/tmp/data --username=rollcall --auth=scram-sha-256 --pwfile=/tmp/password --no-sync >/dev/null",
      "echo 'hostssl all all all scram-sha-256' >>/tmp/data/pg_hba.conf",
      "(umask 077; cp /tls/key.pem /tls/cert.pem /tmp)",
      "tls='-c ssl=on -c ssl_cert_file=/tmp/cert.pem -c ssl_key_file=/tmp/key.pem'",
      "exec postgres -D /tmp/data -h '*' -k /tmp -c dynamic_shared_memory_type=mmap $tls",
    ];
    const label = ["--label", "rollcall=test", "--label", `rollcall.instance=${database.name}`];
    const place = ["--publish", `127.0.0.1:${port}:5432`, "--user", "33:33", "--tmpfs", "/tmp"];
    const password = ["--env", `PASSWORD=${database.password}`];
    const create = ["create", "--name", database.name, ...label, ...place, ...password, "--entrypoint", "/bin/sh"];
    await docker(...create, image, "-c", start.join(" && "));
    await docker("cp", tls, `${database.name}:/`);
    await docker("start", database.name);
    await until("the database answers", 20, async () => (await database.sql("select 1")) === "1");
    return database;
  }

  /** The settings by which a platform keeps its state here. */
  get access(): Readonly<Record<string, string>> {
    return {
      ...this.place,
      ROLLCALL_BACKEND: "pg",
      PGUSER: "rollcall",
      PGPASSWORD: this.password,
      PGDATABASE: "postgres",
    };
  }

  async sql(statement: string): Promise<string> {
    const psql = ["psql", "-h", "127.0.0.1", "-U", "rollcall", "-d", "postgres", "-Atc", statement];
    return (await docker("exec", "--env", `PGPASSWORD=${this.password}`, this.name, ...psql)).trim();
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.name);
  }
}
