package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// policyIs checks the description that Consul has for a policy.
func policyIs(name, description string) resource.TestCheckFunc {
	return check(func() error {
		policy, _, err := consul.client.ACL().PolicyReadByName(name, nil)
		if err != nil {
			return err
		}
		if policy == nil || policy.Description != description {
			return fmt.Errorf("policy %q in Consul is %+v, want the description %q", name, policy, description)
		}
		return nil
	})
}

func noPolicy(name string) resource.TestCheckFunc {
	return check(func() error {
		if policy, _, err := consul.client.ACL().PolicyReadByName(name, nil); err != nil || policy != nil {
			return fmt.Errorf("policy %q still exists: %+v, %w", name, policy, err)
		}
		return nil
	})
}

func TestPolicyLifeAndDrift(t *testing.T) {
	client := startedConsul(t)
	const address = "consul_acl_policy.read"
	config := func(description, datacenters string) string {
		return fmt.Sprintf(`
resource "consul_acl_policy" "read" {
  name        = "read-services"
  description = %s
  datacenters = %s
  rules       = <<-EOT
    service_prefix "" {
      policy = "read"
    }
  EOT
}`, description, datacenters)
	}
	var id string
	acceptance(t, resource.TestCase{
		CheckDestroy: noPolicy("read-services"),
		Steps: []resource.TestStep{
			{
				Config: config("null", "null"),
				Check:  resource.ComposeAggregateTestCheckFunc(policyIs("read-services", ""), idOf(address, &id)),
			},
			{Config: config(`""`, "[]"), PlanOnly: true},
			{
				Config: config(`"reads"`, `["dc1"]`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
				Check: resource.ComposeAggregateTestCheckFunc(
					policyIs("read-services", "reads"),
					resource.TestCheckResourceAttrPtr(address, "id", &id),
					resource.TestCheckTypeSetElemAttr(address, "datacenters.*", "dc1"),
				),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{
				PreConfig: func() {
					_, _, err := client.ACL().PolicyUpdate(&api.ACLPolicy{ID: id, Name: "read-services", Rules: `key "x" { policy = "read" }`}, nil)
					must(t, err)
				},
				Config: config(`"reads"`, `["dc1"]`), PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{Config: config(`"reads"`, `["dc1"]`), Check: policyIs("read-services", "reads")},
			{
				PreConfig: func() {
					_, err := client.ACL().PolicyDelete(id, nil)
					must(t, err)
				},
				Config: config(`"reads"`, `["dc1"]`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
				Check: policyIs("read-services", "reads"),
			},
		},
	})
}

func TestPolicyErrorsNameTheResource(t *testing.T) {
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
resource "consul_acl_policy" "broken" {
  name  = "broken"
  rules = "service {"
}`,
		ExpectError: regexp.MustCompile(`create ACL policy "broken":`),
	}}})
}
