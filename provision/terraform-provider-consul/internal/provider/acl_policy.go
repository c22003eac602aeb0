package provider

import (
	"context"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// aclPolicy is consul_acl_policy: a named set of ACL rules.
func aclPolicy() *schema.Resource {
	return &schema.Resource{
		Description:   "An ACL policy.",
		CreateContext: createPolicy,
		ReadContext:   readPolicy,
		UpdateContext: updatePolicy,
		DeleteContext: deletePolicy,
		Importer:      &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
		Schema: map[string]*schema.Schema{
			"name":        {Type: schema.TypeString, Required: true, Description: "Name of the policy."},
			"description": {Type: schema.TypeString, Optional: true, Description: "What the policy is for."},
			"rules":       {Type: schema.TypeString, Required: true, Description: "The rules, in HCL or JSON."},
			"datacenters": {
				Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "Datacenters where the policy holds; all when left out.",
			},
			"namespace": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"partition": {Type: schema.TypeString, Optional: true, ForceNew: true},
		},
	}
}

func policyOf(d *schema.ResourceData) *api.ACLPolicy {
	return &api.ACLPolicy{
		ID:          d.Id(),
		Name:        d.Get("name").(string),
		Description: d.Get("description").(string),
		Rules:       d.Get("rules").(string),
		Datacenters: texts(d.Get("datacenters")),
	}
}

func createPolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	policy, _, err := meta.(*connection).client.ACL().PolicyCreate(policyOf(d), write)
	if err != nil {
		return diag.Errorf("create ACL policy %q: %v", d.Get("name"), err)
	}
	d.SetId(policy.ID)
	return readPolicy(ctx, d, meta)
}

func readPolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	query, _ := c.options(ctx, d)
	policy, _, err := c.client.ACL().PolicyRead(d.Id(), query)
	gone, err := c.gone(err, query)
	if err != nil {
		return diag.Errorf("read ACL policy %q: %v", d.Id(), err)
	}
	if gone {
		d.SetId("")
		return nil
	}
	return set(d, map[string]any{
		"name":        policy.Name,
		"description": policy.Description,
		"rules":       policy.Rules,
		"datacenters": policy.Datacenters,
		"namespace":   policy.Namespace,
		"partition":   policy.Partition,
	})
}

func updatePolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	if _, _, err := meta.(*connection).client.ACL().PolicyUpdate(policyOf(d), write); err != nil {
		d.Partial(true) // nothing was changed: keep the old state
		return diag.Errorf("update ACL policy %q: %v", d.Id(), err)
	}
	return readPolicy(ctx, d, meta)
}

func deletePolicy(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	_, err := meta.(*connection).client.ACL().PolicyDelete(d.Id(), write)
	if err := ignoreMissing(err); err != nil {
		return diag.Errorf("delete ACL policy %q: %v", d.Id(), err)
	}
	return nil
}
