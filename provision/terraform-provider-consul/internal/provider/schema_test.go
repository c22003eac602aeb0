package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// official is the schema of the official provider 2.22.1 for what the stand-in
// has. An entry that differs means state that the other cannot read, or a
// plan that replaces what the other would update.
var official = map[string][]string{
	"provider": {
		"address: string optional", "auth_jwt: list optional max 1", "auth_jwt.auth_method: string required",
		"auth_jwt.bearer_token: string optional", "auth_jwt.meta: map of string optional",
		"auth_jwt.use_terraform_cloud_workload_identity: bool optional",
		"ca_file: string optional", "ca_path: string optional", "ca_pem: string optional",
		"cert_file: string optional", "cert_pem: string optional", "datacenter: string optional",
		"header: list optional sensitive", "header.name: string required", "header.value: string required",
		"http_auth: string optional", "insecure_https: bool optional", "key_file: string optional",
		"key_pem: string optional", "namespace: string optional", "scheme: string optional",
		"token: string optional sensitive",
	},
	"consul_key_prefix": {
		"datacenter: string optional computed replaces", "namespace: string optional replaces",
		"partition: string optional replaces", "path_prefix: string required replaces",
		"subkey: set optional", "subkey.flags: int optional", "subkey.path: string required", "subkey.value: string required",
		"subkeys: map of string optional", "token: string optional sensitive",
	},
	"consul_acl_policy": {
		"datacenters: set of string optional", "description: string optional", "name: string required",
		"namespace: string optional replaces", "partition: string optional replaces", "rules: string required",
	},
	"consul_acl_token": {
		"accessor_id: string optional computed replaces", "description: string optional",
		"expiration_time: string optional replaces", "local: bool optional replaces", "namespace: string optional replaces",
		"node_identities: list optional", "node_identities.datacenter: string required", "node_identities.node_name: string required",
		"partition: string optional replaces", "policies: set of string optional", "roles: set of string optional",
		"service_identities: list optional", "service_identities.datacenters: list of string optional",
		"service_identities.service_name: string required",
		"templated_policies: list optional", "templated_policies.datacenters: list of string optional",
		"templated_policies.template_name: string required", "templated_policies.template_variables: list optional max 1",
		"templated_policies.template_variables.name: string optional",
	},
	"consul_acl_token_policy_attachment": {"policy: string required replaces", "token_id: string required replaces"},
	"consul_config_entry": {
		"config_json: string optional", "kind: string required replaces", "name: string required replaces",
		"namespace: string optional replaces", "partition: string optional replaces",
	},
	"consul_prepared_query": {
		"connect: bool optional", "datacenter: string optional replaces", "dns: list optional max 1", "dns.ttl: string optional",
		"failover: list optional max 1", "failover.datacenters: list of string optional", "failover.nearest_n: int optional",
		"failover.targets: list optional", "failover.targets.datacenter: string optional", "failover.targets.peer: string optional",
		"ignore_check_ids: list of string optional", "name: string required", "near: string optional",
		"node_meta: map of string optional", "only_passing: bool optional", "service: string required",
		"service_meta: map of string optional", "session: string optional", "stored_token: string optional",
		"tags: set of string optional", "template: list optional max 1", "template.regexp: string required",
		"template.remove_empty_tags: bool optional", "template.type: string required", "token: string optional sensitive",
	},
	"data consul_acl_token_secret_id": {
		"accessor_id: string required", "encrypted_secret_id: string computed sensitive", "namespace: string optional",
		"partition: string optional", "pgp_key: string optional", "secret_id: string computed sensitive",
	},
}

func TestSchemaIsTheOfficialOne(t *testing.T) {
	provider := New()
	must(t, provider.InternalValidate())
	found := map[string][]string{"provider": describe(provider.Schema, "")}
	for name, resource := range provider.ResourcesMap {
		found[name] = describe(resource.Schema, "")
		if resource.SchemaVersion != 0 {
			t.Errorf("%s has schema version %d, the official one 0", name, resource.SchemaVersion)
		}
	}
	for name, source := range provider.DataSourcesMap {
		found["data "+name] = describe(source.Schema, "")
	}
	for name := range maps.Keys(found) {
		want, got := strings.Join(official[name], "\n"), strings.Join(found[name], "\n")
		if got != want {
			t.Errorf("%s is\n%s\n\nwant\n%s", name, got, want)
		}
	}
	if len(found) != len(official) {
		t.Errorf("found %d schemas, want %d", len(found), len(official))
	}
}

// describe lists a schema, nested blocks after the attribute that holds them.
func describe(attributes map[string]*schema.Schema, within string) []string {
	lines := []string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[name]
		words := strings.ToLower(strings.TrimPrefix(attribute.Type.String(), "Type"))
		if element, ok := attribute.Elem.(*schema.Schema); ok {
			words += " of " + strings.ToLower(strings.TrimPrefix(element.Type.String(), "Type"))
		}
		for word, holds := range map[string]bool{"required": attribute.Required, "optional": attribute.Optional} {
			if holds {
				words += " " + word
			}
		}
		if attribute.Computed {
			words += " computed"
		}
		if attribute.ForceNew {
			words += " replaces"
		}
		if attribute.Sensitive {
			words += " sensitive"
		}
		if attribute.MaxItems > 0 {
			words += fmt.Sprintf(" max %d", attribute.MaxItems)
		}
		lines = append(lines, within+name+": "+words)
		if block, ok := attribute.Elem.(*schema.Resource); ok {
			lines = append(lines, describe(block.Schema, within+name+".")...)
		}
	}
	return lines
}
