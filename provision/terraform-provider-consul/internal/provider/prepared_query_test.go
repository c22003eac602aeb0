package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// queryIs asks something of the query that Consul has under an id.
func queryIs(id *string, holds func(*api.PreparedQueryDefinition) bool) resource.TestCheckFunc {
	return check(func() error {
		queries, _, err := consul.client.PreparedQuery().Get(*id, nil)
		if err != nil {
			return err
		}
		if len(queries) != 1 || !holds(queries[0]) {
			return fmt.Errorf("prepared query %q in Consul is %+v", *id, queries)
		}
		return nil
	})
}

func noQuery(id *string) resource.TestCheckFunc {
	return check(func() error {
		queries, _, err := consul.client.PreparedQuery().Get(*id, nil)
		if err := ignoreMissing(err); err != nil || len(queries) > 0 {
			return fmt.Errorf("prepared query %q still exists: %+v, %w", *id, queries, err)
		}
		return nil
	})
}

func TestPreparedQueryLifeAndDrift(t *testing.T) {
	client := startedConsul(t)
	const address = "consul_prepared_query.accounts"
	const small = `
resource "consul_prepared_query" "accounts" {
  name    = "accounts"
  service = "isa-accounts"
}`
	const empty = `
resource "consul_prepared_query" "accounts" {
  name             = "accounts"
  service          = "isa-accounts"
  near             = ""
  tags             = []
  ignore_check_ids = []
  node_meta        = {}
  failover {}
  dns {}
}`
	const large = `
resource "consul_prepared_query" "accounts" {
  name             = "accounts"
  service          = "isa-accounts"
  datacenter       = null
  stored_token     = "b1f7ad1a-6a5c-4a0e-9d5c-3a2f8f1c0d11"
  near             = "_agent"
  only_passing     = true
  connect          = true
  tags             = ["primary", "!standby"]
  ignore_check_ids = ["slow", "noisy"]
  node_meta        = { zone = "a" }
  service_meta     = { team = "accounts" }
  failover {
    nearest_n   = 2
    datacenters = ["dc2", "dc3"]
  }
  dns {
    ttl = "10s"
  }
}`
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	var id string
	isLarge := queryIs(&id, func(query *api.PreparedQueryDefinition) bool {
		service := query.Service
		return query.Name == "accounts" && query.Token == managementToken && query.DNS.TTL == "10s" &&
			service.Service == "isa-accounts" && service.Near == "_agent" && service.OnlyPassing && service.Connect &&
			len(service.Tags) == 2 && fmt.Sprint(service.IgnoreCheckIDs) == "[slow noisy]" &&
			service.NodeMeta["zone"] == "a" && service.ServiceMeta["team"] == "accounts" &&
			service.Failover.NearestN == 2 && fmt.Sprint(service.Failover.Datacenters) == "[dc2 dc3]"
	})
	acceptance(t, resource.TestCase{
		CheckDestroy: noQuery(&id),
		Steps: []resource.TestStep{
			{Config: small, Check: resource.ComposeAggregateTestCheckFunc(
				idOf(address, &id), resource.TestCheckResourceAttr(address, "dns.#", "0"),
			)},
			{Config: empty},
			{
				Config: large, ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				Check: resource.ComposeAggregateTestCheckFunc(isLarge, resource.TestCheckResourceAttrPtr(address, "id", &id)),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{
				PreConfig: func() {
					_, err := client.PreparedQuery().Update(&api.PreparedQueryDefinition{
						ID: id, Name: "accounts", Service: api.ServiceQuery{Service: "isa-billing"},
					}, nil)
					must(t, err)
				},
				Config: large, ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: isLarge,
			},
			{
				PreConfig: func() {
					_, err := client.PreparedQuery().Delete(id, nil)
					must(t, err)
				},
				Config: large, ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				Check: resource.ComposeAggregateTestCheckFunc(idOf(address, &id), isLarge),
			},
			{
				Config: small, ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				Check: queryIs(&id, func(query *api.PreparedQueryDefinition) bool {
					return query.Token == "" && query.DNS.TTL == "" && query.Service.Failover.NearestN == 0
				}),
			},
		},
	})
}

func TestPreparedQueryTemplateAndTargets(t *testing.T) {
	const address = "consul_prepared_query.any"
	var id string
	acceptance(t, resource.TestCase{
		CheckDestroy: noQuery(&id),
		Steps: []resource.TestStep{
			{
				Config: `
resource "consul_prepared_query" "any" {
  name    = ""
  service = "$${match(1)}"
  tags    = ["$${match(2)}"]
  template {
    type              = "name_prefix_match"
    regexp            = "^(.*)-near-(.*)$"
    remove_empty_tags = true
  }
  failover {
    targets {
      peer = "other-cluster"
    }
    targets {
      datacenter = "dc2"
    }
  }
}`,
				Check: resource.ComposeAggregateTestCheckFunc(idOf(address, &id), queryIs(&id, func(query *api.PreparedQueryDefinition) bool {
					targets := query.Service.Failover.Targets
					return query.Template.RemoveEmptyTags && query.Template.Regexp == "^(.*)-near-(.*)$" &&
						len(targets) == 2 && targets[0].Peer == "other-cluster" && targets[1].Datacenter == "dc2"
				})),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
		},
	})
}

func TestPreparedQueryKeepsATokenThatConsulHides(t *testing.T) {
	client := startedConsul(t)
	policy, _, err := client.ACL().PolicyCreate(&api.ACLPolicy{Name: "queries", Rules: `query_prefix "" { policy = "write" }`}, nil)
	must(t, err)
	t.Cleanup(func() { _, _ = client.ACL().PolicyDelete(policy.ID, nil) })
	token, _, err := client.ACL().TokenCreate(&api.ACLToken{Policies: []*api.ACLLink{{ID: policy.ID}}}, nil)
	must(t, err)
	t.Cleanup(func() { _, _ = client.ACL().TokenDelete(token.AccessorID, nil) })
	const query = `
resource "consul_prepared_query" "hidden" {
  name         = "hidden"
  service      = "isa-accounts"
  stored_token = %s
}`
	const address = "consul_prepared_query.hidden"
	config := providerBlock(token.SecretID) + fmt.Sprintf(query, `"`+token.SecretID+`"`)
	stored := func(want string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttr(address, "stored_token", want)
	}
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, Check: stored(token.SecretID)},
		{Config: config, PlanOnly: true},
		{Config: providerBlock(token.SecretID) + fmt.Sprintf(query, "null"), Check: stored("")},
	}})
}

func TestPreparedQueryErrorsNameTheResource(t *testing.T) {
	const config = `
resource "consul_prepared_query" "broken" {
  name    = "broken"
  service = "isa-accounts"
  dns {
    ttl = "%s"
  }
}`
	soon, never := fmt.Sprintf(config, "10s"), fmt.Sprintf(config, "soon")
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: never, ExpectError: regexp.MustCompile(`create prepared query "broken":`)},
		{Config: soon},
		{Config: never, ExpectError: regexp.MustCompile(`update prepared query\s+"[0-9a-f-]{36}":`)},
		{Config: soon, PlanOnly: true},
		{
			Config: providerBlock("5f0c1d6a-0000-4000-8000-000000000000") + soon, PlanOnly: true,
			ExpectError: regexp.MustCompile(`read prepared query\s+"[0-9a-f-]{36}":`),
		},
		{Config: soon, PlanOnly: true},
	}})
}
