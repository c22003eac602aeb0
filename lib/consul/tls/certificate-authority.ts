import { CertRequest } from "@cdktf/provider-tls/lib/cert-request/index.js";
import { LocallySignedCert } from "@cdktf/provider-tls/lib/locally-signed-cert/index.js";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key/index.js";
import { SelfSignedCert } from "@cdktf/provider-tls/lib/self-signed-cert/index.js";
import { Fn, TerraformVariable } from "cdktf";
import { Construct } from "constructs";

const HOUR_PER_DAY = 24;

/** What a member of the control plane shows, and what it proves it with. */
export interface Certificate {
  /** Certificate and private key in one, PEM, sensitive: a program that read one new and one old would have neither. */
  readonly pairPem: string;
}

interface Authority {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateProps {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/**
 * A Terraform variable, for one apply in the middle of an exchange: the next CA signs, which all trust already. An apply
 * without it signs by the current one again, and nothing is lost but that exchange.
 */
export const SIGN_WITH_NEXT = "sign_with_next";

/**
 * The platform's own certificate authority, and the one that will follow it: everybody trusts both, so that certificates
 * by the next one are taken from the first moment (decision 021). Their keys lie in the Terraform state alone.
 * Certificates last a year and are renewed by the first `up` of their last 30 days.
 */
export class CertificateAuthority extends Construct {
  /** What clients verify with, PEM: the current CA's certificate and the next one's. Not a secret. */
  readonly trustPem: string;
  private readonly signer: Authority;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const current = selfSigned(this);
    const next = selfSigned(new Construct(this, "Next"));
    this.trustPem = `${current.certPem}${next.certPem}`;
    const withNext = new TerraformVariable(this, "SignWithNext", { type: "bool", default: false });
    withNext.overrideLogicalId(SIGN_WITH_NEXT);
    const either = (part: keyof Authority) => Fn.conditional(withNext.value, next[part], current[part]);
    this.signer = { certPem: either("certPem"), keyPem: either("keyPem") };
  }

  /** A certificate for one member of the control plane, for both ends of TLS. */
  issue(id: string, props: CertificateProps): Certificate {
    const scope = new Construct(this, id);
    const key = new PrivateKey(scope, "Key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const request = new CertRequest(scope, "Request", {
      privateKeyPem: key.privateKeyPem,
      subject: [{ commonName: props.commonName }],
      dnsNames: [...props.dnsNames],
      ipAddresses: [...props.ipAddresses],
    });
    const certificate = new LocallySignedCert(scope, "Resource", {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: this.signer.keyPem,
      caCertPem: this.signer.certPem,
      validityPeriodHours: 365 * HOUR_PER_DAY,
      earlyRenewalHours: 30 * HOUR_PER_DAY,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    });
    // Across stacks Terraform loses the sensitive mark, and plans would print the value: mark it again.
    return { pairPem: `${certificate.certPem}${Fn.sensitive(key.privateKeyPem)}` };
  }
}

/** A CA that vouches for itself. The names of the current one's resources are those of its first days. */
function selfSigned(scope: Construct): Authority {
  const key = new PrivateKey(scope, "Key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const { certPem } = new SelfSignedCert(scope, "Resource", {
    privateKeyPem: key.privateKeyPem,
    isCaCertificate: true,
    setSubjectKeyId: true,
    subject: [{ commonName: "Rollcall CA", organization: "Rollcall" }],
    validityPeriodHours: 3650 * HOUR_PER_DAY,
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
  });
  return { certPem, keyPem: key.privateKeyPem };
}
