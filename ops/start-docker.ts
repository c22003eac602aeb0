type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variable that sends the Docker client somewhere else than to this machine's engine; undefined where none does. What
 * is started here would not be asked then.
 */
function dockerElsewhere(env: Environment = process.env): string | undefined {
  return ["DOCKER_HOST", "DOCKER_CONTEXT"].find((name) => env[name]);
}

/** What to do where Docker does not answer, for a remedy. */
export function startDocker(env: Environment = process.env): string {
  const name = dockerElsewhere(env);
  return name === undefined
    ? "Start Docker (Docker Desktop, or `sudo systemctl start docker`)"
    : `Start the Docker that ${name} names (${env[name]}), or unset ${name}`;
}
