package provider

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
)

// configured sets the provider up as Terraform does: with the defaults from
// the environment, then with the block.
func configured(t *testing.T, block map[string]any) (*connection, error) {
	t.Helper()
	provider := New()
	if problems := provider.Configure(context.Background(), terraform.NewResourceConfigRaw(block)); problems.HasError() {
		return nil, &problem{problems[0].Summary}
	}
	return provider.Meta().(*connection), nil
}

type problem struct{ text string }

func (p *problem) Error() string { return p.text }

// asked records the last request that reaches a stand-in for Consul.
func asked(t *testing.T, start func(*httptest.Server)) (*httptest.Server, **http.Request) {
	var last *http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last = r
		_, _ = w.Write([]byte("[]"))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a refused handshake is wanted here
	start(server)
	t.Cleanup(server.Close)
	return server, &last
}

func list(t *testing.T, c *connection) error {
	t.Helper()
	_, _, err := c.client.KV().List("x", nil)
	return err
}

func TestProviderBlockReachesConsul(t *testing.T) {
	server, last := asked(t, (*httptest.Server).Start)
	c, err := configured(t, map[string]any{
		"address": strings.TrimPrefix(server.URL, "http://"), "scheme": "http", "datacenter": "dc7",
		"token": "secret", "http_auth": "user:pass:word",
		"header": []any{map[string]any{"name": "X-Team", "value": "platform"}},
	})
	must(t, err)
	must(t, list(t, c))
	request := *last
	user, password, _ := request.BasicAuth()
	for what, got := range map[string][2]string{
		"datacenter": {request.URL.Query().Get("dc"), "dc7"},
		"token":      {request.Header.Get("X-Consul-Token"), "secret"},
		"user":       {user, "user"},
		"password":   {password, "pass:word"},
		"header":     {request.Header.Get("X-Team"), "platform"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s of the request is %q, want %q", what, got[0], got[1])
		}
	}
}

func TestProviderTakesDefaultsFromTheEnvironment(t *testing.T) {
	server, last := asked(t, (*httptest.Server).Start)
	t.Setenv("CONSUL_HTTP_ADDR", server.URL)
	t.Setenv("CONSUL_HTTP_TOKEN", "from-environment")
	t.Setenv("CONSUL_HTTP_AUTH", "someone")
	c, err := configured(t, map[string]any{})
	must(t, err)
	must(t, list(t, c))
	user, _, _ := (*last).BasicAuth()
	if token := (*last).Header.Get("X-Consul-Token"); token != "from-environment" || user != "someone" {
		t.Errorf("asked with token %q as %q", token, user)
	}
}

func TestProviderChecksConsulsCertificate(t *testing.T) {
	server, _ := asked(t, (*httptest.Server).StartTLS)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(caFile, []byte(ca), 0o600))
	for name, trust := range map[string]map[string]any{
		"ca_pem":         {"ca_pem": ca},
		"ca_file":        {"ca_file": caFile},
		"ca_path":        {"ca_path": filepath.Dir(caFile)},
		"insecure_https": {"insecure_https": true},
	} {
		t.Run(name, func(t *testing.T) {
			trust["address"], trust["scheme"] = strings.TrimPrefix(server.URL, "https://"), "https"
			c, err := configured(t, trust)
			must(t, err)
			must(t, list(t, c))
		})
	}
	t.Run("an unknown CA is refused", func(t *testing.T) {
		c, err := configured(t, map[string]any{"address": server.URL})
		must(t, err)
		if err := list(t, c); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the block beats the environment", func(t *testing.T) {
		t.Setenv("CONSUL_CACERT", "/no/such/file")
		c, err := configured(t, map[string]any{"address": server.URL, "ca_pem": ca})
		must(t, err)
		must(t, list(t, c))
	})
}

func TestProviderRefuses(t *testing.T) {
	for name, refusal := range map[string]struct {
		block map[string]any
		want  string
	}{
		"auth_jwt":                {map[string]any{"auth_jwt": []any{map[string]any{"auth_method": "m"}}}, "auth_jwt is not supported"},
		"insecure without https":  {map[string]any{"scheme": "http", "insecure_https": true}, `the scheme is "http"`},
		"a key that does not fit": {map[string]any{"cert_pem": "x", "key_pem": "y"}, "TLS settings"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := configured(t, refusal.block); err == nil || !strings.Contains(err.Error(), refusal.want) {
				t.Errorf("got %v, want %q", err, refusal.want)
			}
		})
	}
}
