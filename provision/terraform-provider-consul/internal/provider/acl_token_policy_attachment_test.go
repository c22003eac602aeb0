package provider

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const anonymousToken = "00000000-0000-0000-0000-000000000002"

// tokenHas checks the policies that Consul has for a token, in any order.
func tokenHas(accessorID *string, want ...string) resource.TestCheckFunc {
	return check(func() error {
		token, err := tokenOfConsul(*accessorID)
		if err != nil || token == nil {
			return fmt.Errorf("no token %q: %w", *accessorID, err)
		}
		found := []string{}
		for _, link := range token.Policies {
			found = append(found, link.Name)
		}
		slices.Sort(found)
		if !slices.Equal(found, want) {
			return fmt.Errorf("token %q has the policies %v, want %v", *accessorID, found, want)
		}
		return nil
	})
}

func TestAttachmentLifeAndDrift(t *testing.T) {
	client := startedConsul(t)
	theirs, _, err := client.ACL().PolicyCreate(&api.ACLPolicy{Name: "theirs"}, nil)
	must(t, err)
	t.Cleanup(func() { _, _ = client.ACL().PolicyDelete(theirs.ID, nil) })
	_, _, err = client.ACL().TokenUpdate(&api.ACLToken{
		AccessorID: anonymousToken, Description: "Anonymous Token", Policies: []*api.ACLLink{{Name: "theirs"}},
	}, nil)
	must(t, err)
	// Two at once, for each rewrites the token's whole list.
	const config = `
resource "consul_acl_policy" "grant" {
  count = 2
  name  = "anonymous-${count.index}"
  rules = "service_prefix \"\" { policy = \"read\" }"
}
resource "consul_acl_token_policy_attachment" "grant" {
  count    = 2
  token_id = "00000000-0000-0000-0000-000000000002"
  policy   = consul_acl_policy.grant[count.index].name
}`
	const address = "consul_acl_token_policy_attachment.grant[0]"
	id := anonymousToken
	attached := tokenHas(&id, "anonymous-0", "anonymous-1", "theirs")
	acceptance(t, resource.TestCase{
		CheckDestroy: tokenHas(&id, "theirs"),
		Steps: []resource.TestStep{
			{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
				attached,
				resource.TestCheckResourceAttr("consul_acl_token_policy_attachment.grant.0", "id", anonymousToken+":anonymous-0"),
			)},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateId: anonymousToken + ":anonymous-0",
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "anonymous-0",
				ExpectError: regexp.MustCompile(`attachment id is "anonymous-0"`),
			},
			{
				PreConfig: func() {
					_, _, err := client.ACL().TokenUpdate(&api.ACLToken{
						AccessorID: anonymousToken, Description: "Anonymous Token",
						Policies: []*api.ACLLink{{Name: "theirs"}, {Name: "anonymous-1"}},
					}, nil)
					must(t, err)
				},
				Config: config, PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{
				Config: config, Check: attached,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					plancheck.ExpectResourceAction("consul_acl_token_policy_attachment.grant[1]", plancheck.ResourceActionNoop),
				}},
			},
		},
	})
}

func TestAttachmentFollowsANewToken(t *testing.T) {
	client := startedConsul(t)
	const config = `
resource "consul_acl_policy" "follow" {
  name  = "follow"
  rules = "key \"follow\" { policy = \"read\" }"
}
resource "consul_acl_token" "follow" {
  lifecycle { ignore_changes = [policies] }
}
resource "consul_acl_token_policy_attachment" "follow" {
  token_id = consul_acl_token.follow.id
  policy   = consul_acl_policy.follow.name
}`
	const address = "consul_acl_token_policy_attachment.follow"
	var id string
	acceptance(t, resource.TestCase{
		CheckDestroy: noToken(&id),
		Steps: []resource.TestStep{
			{Config: config, Check: idOf("consul_acl_token.follow", &id)},
			{
				PreConfig: func() {
					_, err := client.ACL().TokenDelete(id, nil)
					must(t, err)
				},
				Config: config, PlanOnly: true, ExpectNonEmptyPlan: true,
			},
			{Config: config, Check: resource.ComposeAggregateTestCheckFunc(idOf("consul_acl_token.follow", &id), tokenHas(&id, "follow"))},
			{
				Config: config + `
resource "consul_acl_token_policy_attachment" "again" {
  token_id = consul_acl_token_policy_attachment.follow.token_id
  policy   = "follow"
}`,
				ExpectError: regexp.MustCompile(`the token\s+has\s+this\s+policy\s+already`),
			},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
			}}},
		},
	})
}
