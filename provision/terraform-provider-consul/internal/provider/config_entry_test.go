package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// protocolIs checks what Consul has as the protocol of a service.
func protocolIs(service, protocol string) resource.TestCheckFunc {
	return check(func() error {
		entry, _, err := consul.client.ConfigEntries().Get(api.ServiceDefaults, service, nil)
		if err != nil {
			return err
		}
		if found := entry.(*api.ServiceConfigEntry).Protocol; found != protocol {
			return fmt.Errorf("protocol of %q in Consul is %q, want %q", service, found, protocol)
		}
		return nil
	})
}

func noConfigEntry(kind, name string) resource.TestCheckFunc {
	return check(func() error {
		entry, _, err := consul.client.ConfigEntries().Get(kind, name, nil)
		if ignoreMissing(err) != nil || err == nil {
			return fmt.Errorf("config entry %s/%s still exists: %+v, %w", kind, name, entry, err)
		}
		return nil
	})
}

func TestConfigEntryLifeAndDrift(t *testing.T) {
	client := startedConsul(t)
	const address = "consul_config_entry.accounts"
	config := func(json string) string {
		return fmt.Sprintf(`
resource "consul_config_entry" "accounts" {
  kind        = "service-defaults"
  name        = "isa-accounts"
  config_json = %s
}`, json)
	}
	const http = `jsonencode({ Protocol = "http" })`
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	write := func(entry *api.ServiceConfigEntry) func() {
		return func() {
			entry.Kind, entry.Name = api.ServiceDefaults, "isa-accounts"
			_, _, err := client.ConfigEntries().Set(entry, nil)
			must(t, err)
		}
	}
	acceptance(t, resource.TestCase{
		CheckDestroy: noConfigEntry(api.ServiceDefaults, "isa-accounts"),
		Steps: []resource.TestStep{
			{Config: config(http), Check: resource.ComposeAggregateTestCheckFunc(
				protocolIs("isa-accounts", "http"),
				resource.TestCheckResourceAttr(address, "id", "service-defaults-isa-accounts"),
			)},
			{Config: config(`"{ \"Expose\": {}, \"TransparentProxy\": null,\n \"protocol\": \"http\" }"`), PlanOnly: true},
			{
				Config:           config(`jsonencode({ Protocol = "grpc", MaxInboundConnections = 5 })`),
				ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: protocolIs("isa-accounts", "grpc"),
			},
			{Config: config(http), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: protocolIs("isa-accounts", "http")},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "service-defaults/isa-accounts"},
			{
				ResourceName: address, ImportState: true, ImportStateId: "service-defaults-isa-accounts",
				ExpectError: regexp.MustCompile(`config entry to import is\s+"service-defaults-isa-accounts"`),
			},
			{
				PreConfig: write(&api.ServiceConfigEntry{Protocol: "http", MaxInboundConnections: 7}),
				Config:    config(http), PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{
				PreConfig: write(&api.ServiceConfigEntry{Protocol: "tcp"}),
				Config:    config(http), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: protocolIs("isa-accounts", "http"),
			},
			{
				PreConfig: func() {
					_, err := client.ConfigEntries().Delete(api.ServiceDefaults, "isa-accounts", nil)
					must(t, err)
				},
				Config: config(http), ConfigPlanChecks: action(plancheck.ResourceActionCreate), Check: protocolIs("isa-accounts", "http"),
			},
			{Config: config("null"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: protocolIs("isa-accounts", "")},
		},
	})
}

// Each step plans again after it, and that plan must be empty.
func TestConfigEntryDefaultsAreNoDifference(t *testing.T) {
	entries := map[string][2]string{
		"proxy-defaults":          {"global", `{ Config = { protocol = "http" } }`},
		"service-defaults":        {"c", `{ Protocol = "tcp" }`},
		"mesh":                    {"mesh", `{ TransparentProxy = { MeshDestinationsOnly = true } }`},
		"exported-services":       {"default", `{ Services = [{ Name = "a", Consumers = [{ Peer = "other" }] }] }`},
		"service-resolver":        {"a", `{ Subsets = { v1 = {}, v2 = { Filter = "Service.Meta.v == 2" } }, ConnectTimeout = "15s" }`},
		"service-splitter":        {"a", `{ Splits = [{ Weight = 90, ServiceSubset = "v1" }, { Weight = 10, ServiceSubset = "v2" }] }`},
		"service-router":          {"a", `{ Routes = [{ Match = { HTTP = { PathPrefix = "/b" } }, Destination = { Service = "b", RequestTimeout = "3s" } }] }`},
		"service-intentions":      {"a", `{ Sources = [{ Name = "*", Action = "deny" }, { Name = "b", Action = "allow" }] }`},
		"ingress-gateway":         {"in", `{ Listeners = [{ Port = 8000, Services = [{ Name = "c" }] }] }`},
		"terminating-gateway":     {"out", `{ Services = [{ Name = "c" }] }`},
		"jwt-provider":            {"jwt", `{ Issuer = "i", JSONWebKeySet = { Remote = { URI = "https://127.0.0.1/keys", CacheDuration = "10s" } } }`},
		"api-gateway":             {"gate", `{ Listeners = [{ Name = "l", Port = 8001, Protocol = "http" }] }`},
		"http-route":              {"way", `{ Parents = [{ Name = "gate" }], Rules = [{ Matches = [{ Method = "GET" }, { Path = { Match = "exact", Value = "/x" } }], Services = [{ Name = "a" }] }] }`},
		"tcp-route":               {"pipe", `{ Parents = [{ Name = "gate" }], Services = [{ Name = "c" }] }`},
		"file-system-certificate": {"file", `{ Certificate = "/a.pem", PrivateKey = "/a.key" }`},
	}
	before := map[string]string{
		"service-resolver": "proxy-defaults", "service-splitter": "service-resolver",
		"service-router": "service-splitter", "http-route": "service-router", "ingress-gateway": "service-defaults",
		"tcp-route": "service-defaults",
	}
	config := ""
	for kind, entry := range entries {
		after := ""
		if first := before[kind]; first != "" {
			after = "\n  depends_on  = [consul_config_entry." + first + "]"
		}
		config += fmt.Sprintf(`
resource "consul_config_entry" "%s" {
  kind        = "%[1]s"
  name        = "%s"
  config_json = jsonencode(%s)%s
}`, kind, entry[0], entry[1], after)
	}
	more := strings.Replace(config, "v1 = {}", "v0 = {}, v1 = {}", 1)
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config},
		{Config: more, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction("consul_config_entry.service-resolver", plancheck.ResourceActionUpdate),
			plancheck.ExpectResourceAction("consul_config_entry.service-router", plancheck.ResourceActionNoop),
		}}},
	}})
}

func TestConfigEntryErrorsNameTheResource(t *testing.T) {
	for config, complaint := range map[string]string{
		`"service-defaults" "a" "{"`:                            `"service-defaults/a":\s+config_json is\s+not\s+a\s+JSON object`,
		`"service-defaults" "a" "null"`:                         `"service-defaults/a":\s+config_json is\s+null`,
		`"service-defaults" "a" "{\"mesh_gateway\": {}}"`:       `"service-defaults/a":\s+config_json\s+has\s+the\s+key\s+"mesh_gateway"`,
		`"service-defaults" "a" "{\"Expose\": {\"Path\": []}}"`: `the\s+key\s+"Expose.Path"`,
		`"no-such-kind" "a" "{}"`:                               `"no-such-kind/a":\s+invalid\s+config\s+entry\s+kind`,
		`"mesh" "a" "{}"`:                                       `"mesh/a":\s+Consul\s+has\s+one\s+entry\s+of\s+this\s+kind:\s+set\s+name\s+to\s+"mesh"`,
		`"service-splitter" "a" "{}"`:                           `write\s+config\s+entry\s+"service-splitter/a":`,
	} {
		parts := strings.SplitN(config, " ", 3)
		acceptance(t, resource.TestCase{Steps: []resource.TestStep{{
			Config: fmt.Sprintf(`
resource "consul_config_entry" "broken" {
  kind        = %s
  name        = %s
  config_json = %s
}`, parts[0], parts[1], parts[2]),
			ExpectError: regexp.MustCompile(complaint),
		}}})
	}
}

func TestConfigEntryImportFormats(t *testing.T) {
	for id, want := range map[string]string{
		"service-defaults/a":            "service-defaults-a:  ",
		"part/space/service-defaults/a": "service-defaults-a: part space",
	} {
		d := configEntry().Data(nil)
		d.SetId(id)
		found, err := configEntry().Importer.StateContext(t.Context(), d, nil)
		must(t, err)
		d = found[0]
		if got := fmt.Sprintf("%s: %s %s", d.Id(), d.Get("partition"), d.Get("namespace")); got != want {
			t.Errorf("%q is imported as %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"", "a", "a/", "a/b/c", "a/b/c/d/e"} {
		d := configEntry().Data(nil)
		d.SetId(id)
		if _, err := configEntry().Importer.StateContext(t.Context(), d, nil); err == nil {
			t.Errorf("%q is imported", id)
		}
	}
}
