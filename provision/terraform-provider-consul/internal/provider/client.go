package provider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// newClient builds the Consul client that the provider block describes. What
// the block leaves out comes from the environment variables of the consul
// command (CONSUL_CACERT, CONSUL_CLIENT_CERT, CONSUL_TLS_SERVER_NAME, …).
func newClient(d *schema.ResourceData) (*api.Client, error) {
	config := api.DefaultConfig()
	override := func(target *string, attribute string) {
		if value := d.Get(attribute).(string); value != "" {
			*target = value
		}
	}
	override(&config.Address, "address")
	override(&config.Scheme, "scheme")
	override(&config.Datacenter, "datacenter")
	override(&config.Token, "token")
	if auth := d.Get("http_auth").(string); auth != "" {
		user, password, _ := strings.Cut(auth, ":")
		config.HttpAuth = &api.HttpBasicAuth{Username: user, Password: password}
	}

	tls := &config.TLSConfig
	override(&tls.CAFile, "ca_file")
	override(&tls.CAPath, "ca_path")
	override(&tls.CertFile, "cert_file")
	override(&tls.KeyFile, "key_file")
	// A certificate in the provider block beats a path in the environment,
	// which the Consul client would prefer.
	if pem := d.Get("ca_pem").(string); pem != "" {
		tls.CAPem, tls.CAFile, tls.CAPath = []byte(pem), "", d.Get("ca_path").(string)
	}
	if pem := d.Get("cert_pem").(string); pem != "" {
		tls.CertPEM, tls.CertFile = []byte(pem), ""
	}
	if pem := d.Get("key_pem").(string); pem != "" {
		tls.KeyPEM, tls.KeyFile = []byte(pem), ""
	}
	if d.Get("insecure_https").(bool) {
		if config.Scheme != "https" && !strings.HasPrefix(config.Address, "https://") {
			return nil, fmt.Errorf("insecure_https needs https, but the scheme is %q: set scheme to \"https\", or remove insecure_https", config.Scheme)
		}
		tls.InsecureSkipVerify = true
	}
	tlsConfig, err := api.SetupTLSConfig(tls)
	if err != nil {
		return nil, fmt.Errorf("TLS settings of provider consul: %w", err)
	}
	// Set here, because the client would fill gaps from the environment again.
	config.Transport.TLSClientConfig = tlsConfig

	client, err := api.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("client for Consul at %q: %w", config.Address, err)
	}
	headers := http.Header{}
	for _, block := range d.Get("header").([]any) {
		header := block.(map[string]any)
		headers.Add(header["name"].(string), header["value"].(string))
	}
	client.SetHeaders(headers)
	return client, nil
}
