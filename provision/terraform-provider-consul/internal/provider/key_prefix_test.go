package provider

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// holds checks that a prefix has these keys and no others. A value ending in
// "#n" stands for a key with the flags n.
func holds(prefix string, want map[string]string) resource.TestCheckFunc {
	return check(func() error {
		pairs, _, err := consul.client.KV().List(prefix, nil)
		if err != nil {
			return err
		}
		found := map[string]string{}
		for _, pair := range pairs {
			value := string(pair.Value)
			if pair.Flags != 0 {
				value += fmt.Sprintf("#%d", pair.Flags)
			}
			found[strings.TrimPrefix(pair.Key, prefix)] = value
		}
		if !maps.Equal(found, want) {
			return fmt.Errorf("%s holds %v, want %v", prefix, found, want)
		}
		return nil
	})
}

func put(t *testing.T, key, value string, flags uint64) {
	t.Helper()
	_, err := consul.client.KV().Put(&api.KVPair{Key: key, Value: []byte(value), Flags: flags}, nil)
	must(t, err)
}

func modifyIndex(t *testing.T, key string) uint64 {
	t.Helper()
	pair, _, err := consul.client.KV().Get(key, nil)
	must(t, err)
	if pair == nil {
		t.Fatalf("no key %q", key)
	}
	return pair.ModifyIndex
}

func TestKeyPrefixIsCreatedUpdatedImportedAndDeleted(t *testing.T) {
	startedConsul(t)
	const prefix = "catalog/user-platform/"
	var untouched uint64
	acceptance(t, resource.TestCase{
		CheckDestroy: holds(prefix, map[string]string{}),
		Steps: []resource.TestStep{
			{
				Config: `
resource "consul_key_prefix" "team" {
  path_prefix = "catalog/user-platform/"
  subkeys = {
    isa-billing      = jsonencode({ port = 8216 })
    isa-accounts     = jsonencode({ port = 8217 })
    "with.dot/slash" = "%"
    empty            = ""
  }
  subkey {
    path  = "flagged"
    value = "yes"
    flags = 7
  }
}`,
				Check: resource.ComposeAggregateTestCheckFunc(
					holds(prefix, map[string]string{
						"isa-billing": `{"port":8216}`, "isa-accounts": `{"port":8217}`,
						"with.dot/slash": "%", "empty": "", "flagged": "yes#7",
					}),
					resource.TestCheckResourceAttr("consul_key_prefix.team", "id", prefix),
					resource.TestCheckResourceAttr("consul_key_prefix.team", "datacenter", "dc1"),
				),
			},
			{
				PreConfig: func() { untouched = modifyIndex(t, prefix+"isa-accounts") },
				Config: `
resource "consul_key_prefix" "team" {
  path_prefix = "catalog/user-platform/"
  subkeys = {
    isa-billing  = jsonencode({ port = 8300 })
    isa-accounts = jsonencode({ port = 8217 })
    flagged      = "no longer"
  }
  subkey {
    path  = "empty"
    value = "flagged now"
    flags = 9
  }
}`,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("consul_key_prefix.team", plancheck.ResourceActionUpdate),
				}},
				Check: resource.ComposeAggregateTestCheckFunc(
					holds(prefix, map[string]string{
						"isa-billing": `{"port":8300}`, "isa-accounts": `{"port":8217}`,
						"flagged": "no longer", "empty": "flagged now#9",
					}),
					check(func() error {
						if now := modifyIndex(t, prefix+"isa-accounts"); now != untouched {
							return fmt.Errorf("isa-accounts did not change but was written (index %d, was %d)", now, untouched)
						}
						return nil
					}),
				),
			},
			{
				Config: `
resource "consul_key_prefix" "team" {
  path_prefix = "catalog/user-platform/"
  subkeys     = { isa-billing = "1" }
}`,
				Check: holds(prefix, map[string]string{"isa-billing": "1"}),
			},
			{ResourceName: "consul_key_prefix.team", ImportState: true, ImportStateId: prefix, ImportStateVerify: true},
		},
	})
}

func TestKeyPrefixRepairsWhatOthersChanged(t *testing.T) {
	startedConsul(t)
	const prefix = "catalog/drift/"
	const config = `
resource "consul_key_prefix" "drift" {
  path_prefix = "catalog/drift/"
  subkeys     = { kept = "1", changed = "2", removed = "3" }
  subkey {
    path  = "flagged"
    value = "4"
    flags = 5
  }
}`
	declared := map[string]string{"kept": "1", "changed": "2", "removed": "3", "flagged": "4#5"}
	updates := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction("consul_key_prefix.drift", plancheck.ResourceActionUpdate),
	}}
	acceptance(t, resource.TestCase{
		CheckDestroy: holds(prefix, map[string]string{}),
		Steps: []resource.TestStep{
			{Config: config, Check: holds(prefix, declared)},
			{
				PreConfig: func() {
					put(t, prefix+"changed", "by hand", 0)
					put(t, prefix+"extra", "by hand", 0)
					put(t, prefix, "", 0) // the UI makes such a "folder"
					put(t, prefix+"flagged", "4", 6)
					_, err := consul.client.KV().Delete(prefix+"removed", nil)
					must(t, err)
				},
				Config: config, PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{Config: config, ConfigPlanChecks: updates, Check: holds(prefix, declared)},
			{
				PreConfig: func() {
					_, err := consul.client.KV().DeleteTree(prefix, nil)
					must(t, err)
				},
				Config: config, ConfigPlanChecks: updates, Check: holds(prefix, declared),
			},
		},
	})
}

func TestKeyPrefixRefusesAPrefixInUse(t *testing.T) {
	startedConsul(t)
	const prefix = "catalog/in-use/"
	put(t, prefix+"theirs", "1", 0)
	const config = `
resource "consul_key_prefix" "in_use" {
  path_prefix = "catalog/in-use/"
  subkeys     = { ours = "2" }
}`
	acceptance(t, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: config, ExpectError: regexp.MustCompile(`(?s)"catalog/in-use/" is not empty.*"theirs" among`)},
		},
	})
	must(t, holds(prefix, map[string]string{"theirs": "1"})(nil))
	acceptance(t, resource.TestCase{
		CheckDestroy: holds(prefix, map[string]string{}),
		Steps: []resource.TestStep{
			{
				Config: config, ResourceName: "consul_key_prefix.in_use", ImportState: true,
				ImportStateId: prefix, ImportStatePersist: true,
			},
			{Config: config, Check: holds(prefix, map[string]string{"ours": "2"})},
		},
	})
}

func TestKeyPrefixKnowsWhatItWroteBeforeAnError(t *testing.T) {
	startedConsul(t)
	const prefix = "catalog/half/"
	big := fmt.Sprintf("%q", strings.Repeat("x", 600*1024)) // Consul takes 512 KB
	config := func(second string) string {
		return `
resource "consul_key_prefix" "half" {
  path_prefix = "catalog/half/"
  subkeys     = { first = "1", second = ` + second + ` }
}`
	}
	acceptance(t, resource.TestCase{
		CheckDestroy: holds(prefix, map[string]string{}),
		Steps: []resource.TestStep{
			{Config: config(big), ExpectError: regexp.MustCompile(`write key\s+"catalog/half/second"`)},
			{Config: config(`"2"`), Check: holds(prefix, map[string]string{"first": "1", "second": "2"})},
			{Config: config(big), ExpectError: regexp.MustCompile(`write key\s+"catalog/half/second"`)},
			{Config: config(`"3"`), Check: holds(prefix, map[string]string{"first": "1", "second": "3"})},
		},
	})
}

func TestKeyPrefixTakesNullForEmpty(t *testing.T) {
	const config = `
resource "consul_key_prefix" "nulls" {
  path_prefix = "catalog/nulls/"
  subkeys     = { a = "" }
  namespace   = %[1]s
  partition   = %[1]s
}`
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: fmt.Sprintf(config, "null")},
		{Config: fmt.Sprintf(config, `""`), PlanOnly: true},
	}})
}

func TestKeyPrefixRefusesDangerousDeclarations(t *testing.T) {
	for prefix, complaint := range map[string]string{
		"":         `path_prefix is "": give it`,
		"/catalog": `path_prefix is "/catalog": give it`,
	} {
		acceptance(t, resource.TestCase{Steps: []resource.TestStep{{
			Config:      fmt.Sprintf(`resource "consul_key_prefix" "bad" { path_prefix = %q }`, prefix),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(complaint),
		}}})
	}
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
resource "consul_key_prefix" "twice" {
  path_prefix = "catalog/twice/"
  subkeys     = { a = "1" }
  subkey {
    path  = "a"
    value = "2"
  }
}`,
		PlanOnly:    true,
		ExpectError: regexp.MustCompile(`key "a" is declared twice`),
	}}})
}

func TestKeyPrefixNeverTakesHiddenKeysForDeleted(t *testing.T) {
	client := startedConsul(t)
	policy, _, err := client.ACL().PolicyCreate(&api.ACLPolicy{
		Name: "hidden-half", Rules: `key_prefix "catalog/hidden/a" { policy = "write" }`,
	}, nil)
	must(t, err)
	t.Cleanup(func() { _, _ = client.ACL().PolicyDelete(policy.ID, nil) })
	token, _, err := client.ACL().TokenCreate(&api.ACLToken{Policies: []*api.ACLLink{{ID: policy.ID}}}, nil)
	must(t, err)
	const config = `
resource "consul_key_prefix" "hidden" {
  path_prefix = "catalog/hidden/"
  subkeys     = { a = "1", b = "2" }
}`
	acceptance(t, resource.TestCase{
		CheckDestroy: holds("catalog/hidden/", map[string]string{}),
		Steps: []resource.TestStep{
			{Config: config},
			{
				Config: providerBlock(token.SecretID) + config, PlanOnly: true,
				ExpectError: regexp.MustCompile(`may not\s+read\s+all\s+keys`),
			},
			{Config: config, PlanOnly: true},
		},
	})
}
