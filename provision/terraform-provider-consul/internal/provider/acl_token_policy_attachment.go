package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// aclTokenPolicyAttachment is consul_acl_token_policy_attachment: one policy
// on a token that Terraform did not make, the anonymous one for example. Its
// id is `<accessor ID>:<policy name>`.
func aclTokenPolicyAttachment() *schema.Resource {
	return &schema.Resource{
		Description:   "A policy on a token that is made elsewhere.",
		CreateContext: createAttachment,
		ReadContext:   readAttachment,
		DeleteContext: deleteAttachment,
		Importer:      &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
		Schema: map[string]*schema.Schema{
			"token_id": {Type: schema.TypeString, Required: true, ForceNew: true, Description: "Accessor ID of the token."},
			"policy":   {Type: schema.TypeString, Required: true, ForceNew: true, Description: "Name of the policy."},
		},
	}
}

func createAttachment(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	tokenID, policy := d.Get("token_id").(string), d.Get("policy").(string)
	err := c.changePolicies(ctx, d, tokenID, func(links []*api.ACLTokenPolicyLink) ([]*api.ACLTokenPolicyLink, error) {
		if slices.ContainsFunc(links, named(policy)) {
			return nil, fmt.Errorf("the token has this policy already: import it with the id %q, or remove it from the token first", tokenID+":"+policy)
		}
		return append(links, &api.ACLTokenPolicyLink{Name: policy}), nil
	})
	if err != nil {
		return diag.Errorf("attach ACL policy %q to token %q: %v", policy, tokenID, err)
	}
	d.SetId(tokenID + ":" + policy)
	return readAttachment(ctx, d, meta)
}

func readAttachment(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	tokenID, policy, err := parseAttachmentID(d.Id())
	if err != nil {
		return diag.FromErr(err)
	}
	query, _ := c.options(ctx, d)
	token, _, err := c.client.ACL().TokenRead(tokenID, query)
	gone, err := c.gone(err, query)
	if err != nil {
		return diag.Errorf("read ACL token %q: %v", tokenID, err)
	}
	if gone || !slices.ContainsFunc(token.Policies, named(policy)) {
		d.SetId("")
		return nil
	}
	return set(d, map[string]any{"token_id": tokenID, "policy": policy})
}

func deleteAttachment(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	tokenID, policy, err := parseAttachmentID(d.Id())
	if err != nil {
		return diag.FromErr(err)
	}
	err = c.changePolicies(ctx, d, tokenID, func(links []*api.ACLTokenPolicyLink) ([]*api.ACLTokenPolicyLink, error) {
		return slices.DeleteFunc(links, named(policy)), nil
	})
	query, _ := c.options(ctx, d)
	if _, err := c.gone(err, query); err != nil {
		return diag.Errorf("detach ACL policy %q from token %q: %v", policy, tokenID, err)
	}
	return nil
}

// changePolicies rewrites a token's list of policies and nothing else of it.
func (c *connection) changePolicies(
	ctx context.Context, d *schema.ResourceData, tokenID string,
	change func([]*api.ACLTokenPolicyLink) ([]*api.ACLTokenPolicyLink, error),
) error {
	c.tokenLinks.Lock()
	defer c.tokenLinks.Unlock()
	query, write := c.options(ctx, d)
	token, _, err := c.client.ACL().TokenRead(tokenID, query)
	if err != nil {
		return err
	}
	if token.Policies, err = change(token.Policies); err != nil {
		return err
	}
	_, _, err = c.client.ACL().TokenUpdate(token, write)
	return err
}

func named(policy string) func(*api.ACLTokenPolicyLink) bool {
	return func(link *api.ACLTokenPolicyLink) bool { return link.Name == policy }
}

func parseAttachmentID(id string) (tokenID, policy string, err error) {
	tokenID, policy, found := strings.Cut(id, ":")
	if !found || tokenID == "" || policy == "" {
		return "", "", fmt.Errorf("attachment id is %q: write it as <accessor ID of the token>:<name of the policy>", id)
	}
	return tokenID, policy, nil
}
