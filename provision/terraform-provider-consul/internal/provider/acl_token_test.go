package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// tokenOfConsul reads a token past Terraform; nil when there is none.
func tokenOfConsul(accessorID string) (*api.ACLToken, error) {
	token, _, err := consul.client.ACL().TokenRead(accessorID, nil)
	if err != nil && strings.Contains(err.Error(), "ACL not found") {
		return nil, nil
	}
	return token, err
}

func noToken(accessorID *string) resource.TestCheckFunc {
	return check(func() error {
		if token, err := tokenOfConsul(*accessorID); err != nil || token != nil {
			return fmt.Errorf("token %q still exists: %+v, %w", *accessorID, token, err)
		}
		return nil
	})
}

func TestTokenLifeAndDrift(t *testing.T) {
	client := startedConsul(t)
	role, _, err := client.ACL().RoleCreate(&api.ACLRole{Name: "operators"}, nil)
	must(t, err)
	t.Cleanup(func() { _, _ = client.ACL().RoleDelete(role.ID, nil) })
	const policies = `
resource "consul_acl_policy" "one" {
  name  = "token-one"
  rules = "key \"one\" { policy = \"read\" }"
}
resource "consul_acl_policy" "two" {
  name  = "token-two"
  rules = "key \"two\" { policy = \"read\" }"
}`
	const small = policies + `
resource "consul_acl_token" "agent" {
  policies = [consul_acl_policy.one.name]
}`
	const large = policies + `
resource "consul_acl_token" "agent" {
  description = "the shared agent"
  policies    = [consul_acl_policy.one.name, consul_acl_policy.two.name]
  roles       = ["operators"]
  service_identities {
    service_name = "isa-accounts"
  }
  service_identities {
    service_name = "isa-billing"
    datacenters  = ["dc1"]
  }
  node_identities {
    node_name  = "consul-agent-shared"
    datacenter = "dc1"
  }
  templated_policies {
    template_name = "builtin/dns"
    datacenters   = ["dc1"]
  }
  templated_policies {
    template_name = "builtin/service"
    template_variables {
      name = "isa-orders"
    }
  }
}`
	const address = "consul_acl_token.agent"
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	var id, secret string
	isLarge := check(func() error {
		token, err := tokenOfConsul(id)
		if err != nil {
			return err
		}
		if token == nil || token.Description != "the shared agent" || len(token.Policies) != 2 || len(token.Roles) != 1 ||
			len(token.ServiceIdentities) != 2 || len(token.NodeIdentities) != 1 || len(token.TemplatedPolicies) != 2 {
			return fmt.Errorf("token in Consul is %+v", token)
		}
		for _, policy := range token.TemplatedPolicies {
			if policy.TemplateName == "builtin/service" && policy.TemplateVariables.Name != "isa-orders" {
				return fmt.Errorf("templated policy in Consul is %+v", policy)
			}
		}
		return nil
	})
	acceptance(t, resource.TestCase{
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(noToken(&id), noPolicy("token-one")),
		Steps: []resource.TestStep{
			{
				Config: small,
				Check: resource.ComposeAggregateTestCheckFunc(
					idOf(address, &id),
					resource.TestCheckResourceAttrPtr(address, "accessor_id", &id),
					resource.TestCheckNoResourceAttr(address, "secret_id"),
					check(func() error {
						token, err := tokenOfConsul(id)
						if err == nil {
							secret = token.SecretID
						}
						return err
					}),
				),
			},
			{
				Config: large, ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				Check: resource.ComposeAggregateTestCheckFunc(isLarge, check(func() error {
					if token, err := tokenOfConsul(id); err != nil || token.SecretID != secret {
						return fmt.Errorf("the update changed the secret, or %w", err)
					}
					return nil
				})),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{
				PreConfig: func() {
					_, _, err := client.ACL().TokenUpdate(&api.ACLToken{
						AccessorID: id, Description: "taken over", Policies: []*api.ACLLink{{Name: "global-management"}},
					}, nil)
					must(t, err)
				},
				Config: large, PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{Config: large, ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: isLarge},
			{
				PreConfig: func() {
					_, err := client.ACL().TokenDelete(id, nil)
					must(t, err)
				},
				Config: large, ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				Check: resource.ComposeAggregateTestCheckFunc(idOf(address, &id), isLarge),
			},
			{Config: small, ConfigPlanChecks: action(plancheck.ResourceActionUpdate)},
		},
	})
}

// Consul returns identities in an order of its own, another one each time.
func TestTokenKeepsTheDeclaredOrder(t *testing.T) {
	identities := ""
	for _, name := range []string{"e", "b", "d", "a", "c"} {
		identities += fmt.Sprintf(`
  service_identities {
    service_name = %[1]q
  }
  node_identities {
    node_name  = %[1]q
    datacenter = "dc1"
  }
  templated_policies {
    template_name = "builtin/service"
    template_variables {
      name = %[1]q
    }
  }`, name)
	}
	config := fmt.Sprintf("resource \"consul_acl_token\" \"ordered\" {\n  description = \"%%s\"\n%s\n}", identities)
	steps := []resource.TestStep{}
	for _, description := range []string{"one", "two", "three"} {
		// Every step ends with an empty plan or fails.
		steps = append(steps, resource.TestStep{Config: fmt.Sprintf(config, description)})
	}
	acceptance(t, resource.TestCase{Steps: steps})
}

func TestTokenTakesNullForEmpty(t *testing.T) {
	const accessor = "7f0f43cd-1f9b-4a3f-8f5b-0f5f7a1a9c01"
	id := accessor
	config := func(text, flag, list string) string {
		return fmt.Sprintf(`
resource "consul_acl_token" "nulls" {
  accessor_id     = %q
  description     = %s
  expiration_time = null
  namespace       = %[2]s
  partition       = %[2]s
  local           = %[3]s
  policies        = %[4]s
  roles           = %[4]s
}`, accessor, text, flag, list)
	}
	acceptance(t, resource.TestCase{
		CheckDestroy: noToken(&id),
		Steps: []resource.TestStep{
			{Config: config("null", "null", "null"), Check: resource.TestCheckResourceAttr("consul_acl_token.nulls", "id", accessor)},
			{Config: config(`""`, "false", "[]"), PlanOnly: true},
		},
	})
}

func TestTokenExpiresAndIsLocal(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	config := fmt.Sprintf(`
resource "consul_acl_token" "short" {
  local           = true
  expiration_time = %q
}`, at)
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr("consul_acl_token.short", "local", "true"),
			resource.TestCheckResourceAttr("consul_acl_token.short", "expiration_time", at),
		)},
		{ResourceName: "consul_acl_token.short", ImportState: true, ImportStateVerify: true},
	}})
}

// Consul answers "ACL not found" both for a token that is gone and to a
// provider whose own token it does not know.
func TestAWrongProviderTokenDoesNotEmptyTheState(t *testing.T) {
	startedConsul(t)
	const config = `
resource "consul_acl_token" "kept" {
  description = "kept"
}`
	var id string
	acceptance(t, resource.TestCase{
		CheckDestroy: noToken(&id),
		Steps: []resource.TestStep{
			{Config: config, Check: idOf("consul_acl_token.kept", &id)},
			{
				Config: providerBlock("00000000-dead-beef-0000-000000000000") + config, PlanOnly: true,
				ExpectError: regexp.MustCompile(`does not\s+accept\s+the\s+provider's own\s+ACL\s+token`),
			},
			{Config: config, PlanOnly: true},
		},
	})
}
