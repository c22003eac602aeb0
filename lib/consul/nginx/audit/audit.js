// What a door asks for its audit log, in njs, the JavaScript in Nginx. It runs in njs 0.7 too, which knows no default of a
// parameter, no destructuring and no spread. Nothing here writes to a log: what it handles is secret.
// biome-ignore lint/style/useNodejsImportProtocol: njs knows its modules by these names alone.
import crypto from "crypto";

/** What a token that Consul knows may look like; another one is not worth a question. */
const TOKEN = /^[!-~]{1,256}$/;
const ACCESSOR = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The name by which an answer about the request's token is kept: a hash, from which nobody gets the token. "" where there
 * is none.
 */
function key(r) {
  const token = tokenOf(r);
  return token === "" ? "" : crypto.createHash("sha256").update(token).digest("hex");
}

/** The request's token, for the question about it; "" where Consul can know no such token. */
function token(r) {
  const found = tokenOf(r);
  return TOKEN.test(found) ? found : "";
}

/** Answers whose token it was asked with: 204, which is kept, with the accessor id; 200 for nobody's; else 503. */
function who(r) {
  if (first(r, "x-consul-token") === "") return answer(r, 200, "unknown-token");
  r.subrequest("/ask", (told) => {
    if (told.status === 403 || told.status === 404) return answer(r, 200, "unknown-token");
    const accessor = told.status === 200 ? accessorIn(told.responseText) : "";
    if (accessor === "") return r.return(503);
    answer(r, 204, accessor);
  });
}

function answer(r, status, accessor) {
  r.headersOut["X-Accessor"] = accessor;
  r.return(status);
}

function accessorIn(text) {
  try {
    const accessor = JSON.parse(text).AccessorID;
    return ACCESSOR.test(accessor) ? accessor : "";
  } catch (_) {
    return "";
  }
}

/** The token that Consul takes: of the query, else of its own header, else of `Authorization`; of several the first. */
function tokenOf(r) {
  return inQuery(r.variables.request_uri) || first(r, "x-consul-token") || bearer(first(r, "authorization"));
}

function inQuery(uri) {
  const start = uri.indexOf("?");
  if (start < 0) return "";
  const pairs = uri.slice(start + 1).split("&");
  for (let i = 0; i < pairs.length; i++) {
    const equals = pairs[i].indexOf("=");
    const name = decoded(equals < 0 ? pairs[i] : pairs[i].slice(0, equals));
    const value = equals < 0 ? "" : decoded(pairs[i].slice(equals + 1));
    // Consul passes over what it cannot read.
    if (name === "token" && value !== undefined && pairs[i].indexOf(";") < 0) return value;
  }
  return "";
}

function decoded(text) {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  return text.replace(/\+/g, " ").replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

function bearer(header) {
  const space = header.indexOf(" ");
  if (space < 0 || header.slice(0, space).toLowerCase() !== "bearer") return "";
  return header.slice(space).trim().split(" ")[0].trim();
}

function first(r, name) {
  const headers = r.rawHeadersIn;
  for (let i = 0; i < headers.length; i++) if (headers[i][0].toLowerCase() === name) return headers[i][1];
  return "";
}

export default { key, token, who };
