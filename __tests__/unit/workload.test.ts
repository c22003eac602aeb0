import { renderWorkload } from "../../lib/consul/workload";

const config = renderWorkload("isa-billing", [8216]);

test("a stand-in answers on the port that the catalog declares, and says what it is", () => {
  expect(config).toContain('server { listen 8216; return 200 "isa-billing is a stand-in and healthy"; }');
});

test("a host with several services listens on each of their ports", () => {
  const ports = renderWorkload("isa-data", [50051, 50052]).match(/listen \d+;/g);
  expect(ports).toEqual(["listen 50051;", "listen 50052;"]);
});

test("the configuration is one line, for it travels in an environment variable", () => {
  expect(config).not.toMatch(/\n|'/);
});

test("nothing in it is a template for Terraform", () => {
  expect(config).not.toMatch(/[$%]\{/);
});

test("it runs in the foreground as one process and writes nowhere but in /tmp", () => {
  expect(config).toContain("daemon off; master_process off;");
  const paths = [...config.matchAll(/(?:pid|_path) (\S+);/g)].map((match) => match[1]);
  expect(paths).toHaveLength(6);
  for (const path of paths) expect(path).toMatch(/^\/tmp\//);
});

test("every brace that is opened is closed", () => {
  expect(config.match(/\{/g)?.length).toBe(config.match(/\}/g)?.length);
});
