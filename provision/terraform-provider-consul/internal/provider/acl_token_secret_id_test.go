package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

func TestSecretIDIsReadAndFollowsTheToken(t *testing.T) {
	client := startedConsul(t)
	const config = `
resource "consul_acl_token" "holder" {
  description = "holder"
}
data "consul_acl_token_secret_id" "holder" {
  accessor_id = consul_acl_token.holder.id
}
output "secret" {
  value     = data.consul_acl_token_secret_id.holder.secret_id
  sensitive = true
}`
	var id string
	matches := func(state *terraform.State) error {
		token, err := tokenOfConsul(id)
		if err != nil {
			return err
		}
		if secret := state.RootModule().Outputs["secret"].Value; token == nil || secret != token.SecretID {
			return fmt.Errorf("the data source does not hold the secret of token %q", id)
		}
		return nil
	}
	both := resource.ComposeTestCheckFunc(idOf("consul_acl_token.holder", &id), matches)
	acceptance(t, resource.TestCase{
		CheckDestroy: noToken(&id),
		Steps: []resource.TestStep{
			{Config: config, Check: resource.ComposeTestCheckFunc(both,
				resource.TestCheckResourceAttrPtr("data.consul_acl_token_secret_id.holder", "id", &id),
				resource.TestCheckResourceAttr("data.consul_acl_token_secret_id.holder", "encrypted_secret_id", ""),
			)},
			{
				PreConfig: func() {
					_, err := client.ACL().TokenDelete(id, nil)
					must(t, err)
				},
				Config: config, Check: both,
			},
		},
	})
}

func TestSecretIDRefusals(t *testing.T) {
	acceptance(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: `data "consul_acl_token_secret_id" "x" {
  accessor_id = "00000000-0000-0000-0000-000000000002"
  pgp_key     = "keybase:someone"
}`,
			ExpectError: regexp.MustCompile(`pgp_key is not supported`),
		},
		{
			Config:      `data "consul_acl_token_secret_id" "x" { accessor_id = "00000000-dead-beef-0000-000000000000" }`,
			ExpectError: regexp.MustCompile(`no ACL token has the accessor\s+ID`),
		},
	}})
}
