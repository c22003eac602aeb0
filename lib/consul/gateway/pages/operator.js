// Who may see the operator's pages, in njs, the JavaScript in Nginx. It runs in njs 0.7 too, which knows no default of a
// parameter, no destructuring and no spread. Nothing here writes to a log: what it handles is secret.
// biome-ignore lint/style/useNodejsImportProtocol: njs knows its modules by these names alone.
import crypto from "crypto";

const TOKEN = /^[!-~]{1,256}$/;
const ACCESSOR = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const POLICY = "rollcall-operator";

/** The password of the user `operator`, which is to be the operator's token; "" where there is none. */
function token(r) {
  const found = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(r.headersIn.Authorization || "");
  if (found === null) return "";
  const pair = Buffer.from(found[1], "base64").toString();
  const password = pair.slice("operator:".length);
  return pair.indexOf("operator:") === 0 && TOKEN.test(password) ? password : "";
}

/** The name by which an answer about it is kept: a hash, from which nobody gets the token. */
function key(r) {
  const found = token(r);
  return found === "" ? "" : crypto.createHash("sha256").update(`operator ${found}`).digest("hex");
}

/** Answers 204, which is kept, with the accessor id, where Consul says that the token is the operator's; 401 where not; else 503. */
function may(r) {
  r.subrequest("/ask", (told) => {
    if (told.status === 403 || told.status === 404) return r.return(401);
    if (told.status !== 200) return r.return(503);
    const accessor = operatorIn(told.responseText);
    if (accessor === "") return r.return(401);
    r.headersOut["X-Accessor"] = accessor;
    r.return(204);
  });
}

function operatorIn(text) {
  try {
    const found = JSON.parse(text);
    const policies = (found.Policies || []).map((policy) => policy.Name);
    return policies.indexOf(POLICY) >= 0 && ACCESSOR.test(found.AccessorID) ? found.AccessorID : "";
  } catch (_) {
    return "";
  }
}

export default { key, may, token };
