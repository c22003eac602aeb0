import { CertRequest } from "@cdktf/provider-tls/lib/cert-request";
import { LocallySignedCert } from "@cdktf/provider-tls/lib/locally-signed-cert";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { SelfSignedCert } from "@cdktf/provider-tls/lib/self-signed-cert";
import { Fn } from "cdktf";
import { Construct } from "constructs";

const HOUR_PER_DAY = 24;

/** What a TLS server shows and holds. */
export interface Certificate {
  /** Certificate, PEM. */
  readonly certPem: string;
  /** Private key, PEM, sensitive. */
  readonly keyPem: string;
}

export interface CertificateProps {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/**
 * The platform's own certificate authority. Its key lies in the Terraform state alone. Certificates last a year and
 * are renewed by the first `up` of their last 30 days.
 */
export class CertificateAuthority extends Construct {
  /** The CA's certificate, PEM; what clients verify with. Not a secret. */
  readonly certPem: string;
  readonly #key: PrivateKey;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#key = new PrivateKey(this, "Key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const certificate = new SelfSignedCert(this, "Resource", {
      privateKeyPem: this.#key.privateKeyPem,
      isCaCertificate: true,
      setSubjectKeyId: true,
      subject: [{ commonName: "Rollcall CA", organization: "Rollcall" }],
      validityPeriodHours: 3650 * HOUR_PER_DAY,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    });
    this.certPem = certificate.certPem;
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
      caPrivateKeyPem: this.#key.privateKeyPem,
      caCertPem: this.certPem,
      validityPeriodHours: 365 * HOUR_PER_DAY,
      earlyRenewalHours: 30 * HOUR_PER_DAY,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    });
    // A reference from another stack forgets that a value is sensitive, and plans would print it: said again.
    return { certPem: certificate.certPem, keyPem: Fn.sensitive(key.privateKeyPem) };
  }
}
