package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"
)

// aclToken is consul_acl_token. Its id is the accessor ID; the secret stays
// out of its state and is read by consul_acl_token_secret_id.
func aclToken() *schema.Resource {
	return &schema.Resource{
		Description:   "An ACL token, without its secret.",
		CreateContext: createToken,
		ReadContext:   readToken,
		UpdateContext: updateToken,
		DeleteContext: deleteToken,
		Importer:      &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
		Schema: map[string]*schema.Schema{
			"accessor_id": {
				Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true,
				Description: "Accessor ID, a UUID; Consul makes one when left out.",
			},
			"description": {Type: schema.TypeString, Optional: true, Description: "What the token is for."},
			"policies":    {Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}, Description: "Names of its policies."},
			"roles":       {Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}, Description: "Names of its roles."},
			"service_identities": {
				Type: schema.TypeList, Optional: true,
				Description: "What a service of this name may do.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"service_name": {Type: schema.TypeString, Required: true, Description: "Name of the service."},
					"datacenters":  datacentersSchema(),
				}},
			},
			"node_identities": {
				Type: schema.TypeList, Optional: true,
				Description: "What an agent of this name may do.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"node_name":  {Type: schema.TypeString, Required: true, Description: "Name of the node."},
					"datacenter": {Type: schema.TypeString, Required: true, Description: "Datacenter of the node."},
				}},
			},
			"templated_policies": {
				Type: schema.TypeList, Optional: true,
				Description: "Policies that Consul makes from a template.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"template_name": {Type: schema.TypeString, Required: true, Description: "Name of the template, for example `builtin/dns`."},
					"template_variables": {
						Type: schema.TypeList, Optional: true, MaxItems: 1,
						Description: "What the template is filled with.",
						Elem: &schema.Resource{Schema: map[string]*schema.Schema{
							"name": {Type: schema.TypeString, Optional: true, Description: "Name of the node, workload identity or service."},
						}},
					},
					"datacenters": datacentersSchema(),
				}},
			},
			"local": {
				Type: schema.TypeBool, Optional: true, ForceNew: true,
				Description: "Known to this datacenter only.",
			},
			"expiration_time": {
				Type: schema.TypeString, Optional: true, ForceNew: true, ValidateFunc: validation.IsRFC3339Time,
				Description: "When Consul drops the token, in RFC 3339 form.",
			},
			"namespace": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"partition": {Type: schema.TypeString, Optional: true, ForceNew: true},
		},
	}
}

func datacentersSchema() *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
		Description: "Datacenters where it holds; all when left out.",
	}
}

func tokenOf(d *schema.ResourceData) *api.ACLToken {
	token := &api.ACLToken{
		AccessorID:  d.Get("accessor_id").(string),
		Description: d.Get("description").(string),
		Local:       d.Get("local").(bool),
	}
	for _, name := range texts(d.Get("policies")) {
		token.Policies = append(token.Policies, &api.ACLTokenPolicyLink{Name: name})
	}
	for _, name := range texts(d.Get("roles")) {
		token.Roles = append(token.Roles, &api.ACLTokenRoleLink{Name: name})
	}
	for _, block := range d.Get("service_identities").([]any) {
		identity := block.(map[string]any)
		token.ServiceIdentities = append(token.ServiceIdentities, &api.ACLServiceIdentity{
			ServiceName: identity["service_name"].(string),
			Datacenters: texts(identity["datacenters"]),
		})
	}
	for _, block := range d.Get("node_identities").([]any) {
		identity := block.(map[string]any)
		token.NodeIdentities = append(token.NodeIdentities, &api.ACLNodeIdentity{
			NodeName:   identity["node_name"].(string),
			Datacenter: identity["datacenter"].(string),
		})
	}
	for _, block := range d.Get("templated_policies").([]any) {
		policy := block.(map[string]any)
		templated := &api.ACLTemplatedPolicy{
			TemplateName: policy["template_name"].(string),
			Datacenters:  texts(policy["datacenters"]),
		}
		// An empty template_variables block arrives as nil.
		if blocks := policy["template_variables"].([]any); len(blocks) > 0 && blocks[0] != nil {
			name, _ := blocks[0].(map[string]any)["name"].(string)
			templated.TemplateVariables = &api.ACLTemplatedPolicyVariables{Name: name}
		}
		token.TemplatedPolicies = append(token.TemplatedPolicies, templated)
	}
	// The schema has validated it.
	if at, err := time.Parse(time.RFC3339, d.Get("expiration_time").(string)); err == nil {
		token.ExpirationTime = &at
	}
	return token
}

func createToken(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	token, _, err := meta.(*connection).client.ACL().TokenCreate(tokenOf(d), write)
	if err != nil {
		return diag.Errorf("create ACL token %q: %v", d.Get("description"), err)
	}
	d.SetId(token.AccessorID)
	return readToken(ctx, d, meta)
}

func readToken(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	query, _ := c.options(ctx, d)
	token, _, err := c.client.ACL().TokenRead(d.Id(), query)
	gone, err := c.gone(err, query)
	if err != nil {
		return diag.Errorf("read ACL token %q: %v", d.Id(), err)
	}
	if gone {
		d.SetId("")
		return nil
	}
	values := tokenState(token)
	for attribute, key := range map[string]func(any) string{
		"service_identities": keyOf("service_name"),
		"node_identities":    keyOf("node_name", "datacenter"),
		"templated_policies": keyOf("template_name", "template_variables"),
	} {
		keepOrder(values[attribute].([]any), d.Get(attribute).([]any), key)
	}
	return set(d, values)
}

// keepOrder sorts what Consul returned as the declaration has it, and what is
// not declared behind. Consul returns identities in any order, and a list
// out of order would be planned as a change, now and again.
func keepOrder(found, declared []any, key func(any) string) {
	rank := map[string]int{}
	for i, block := range declared {
		rank[key(block)] = i - len(declared)
	}
	slices.SortFunc(found, func(a, b any) int {
		return cmp.Or(cmp.Compare(rank[key(a)], rank[key(b)]), cmp.Compare(key(a), key(b)))
	})
}

// keyOf tells blocks apart by these attributes.
func keyOf(attributes ...string) func(any) string {
	return func(block any) string {
		values, _ := block.(map[string]any)
		key := []string{}
		for _, attribute := range attributes {
			key = append(key, fmt.Sprint(values[attribute]))
		}
		return strings.Join(key, " ")
	}
}

// tokenState is a token in the terms of the schema.
func tokenState(token *api.ACLToken) map[string]any {
	policies, roles := []string{}, []string{}
	services, nodes, templated := []any{}, []any{}, []any{}
	for _, link := range token.Policies {
		policies = append(policies, link.Name)
	}
	for _, link := range token.Roles {
		roles = append(roles, link.Name)
	}
	for _, identity := range token.ServiceIdentities {
		services = append(services, map[string]any{"service_name": identity.ServiceName, "datacenters": identity.Datacenters})
	}
	for _, identity := range token.NodeIdentities {
		nodes = append(nodes, map[string]any{"node_name": identity.NodeName, "datacenter": identity.Datacenter})
	}
	for _, policy := range token.TemplatedPolicies {
		variables := []any{}
		if policy.TemplateVariables != nil {
			variables = append(variables, map[string]any{"name": policy.TemplateVariables.Name})
		}
		templated = append(templated, map[string]any{
			"template_name": policy.TemplateName, "datacenters": policy.Datacenters, "template_variables": variables,
		})
	}
	expiration := ""
	if token.ExpirationTime != nil {
		expiration = token.ExpirationTime.Format(time.RFC3339)
	}
	return map[string]any{
		"accessor_id":        token.AccessorID,
		"description":        token.Description,
		"policies":           policies,
		"roles":              roles,
		"service_identities": services,
		"node_identities":    nodes,
		"templated_policies": templated,
		"local":              token.Local,
		"expiration_time":    expiration,
		"namespace":          token.Namespace,
		"partition":          token.Partition,
	}
}

func updateToken(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	token := tokenOf(d)
	token.AccessorID = d.Id()
	if _, _, err := meta.(*connection).client.ACL().TokenUpdate(token, write); err != nil {
		d.Partial(true) // nothing was changed: keep the old state
		return diag.Errorf("update ACL token %q: %v", d.Id(), err)
	}
	return readToken(ctx, d, meta)
}

func deleteToken(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	_, err := meta.(*connection).client.ACL().TokenDelete(d.Id(), write)
	if err := ignoreMissing(err); err != nil {
		return diag.Errorf("delete ACL token %q: %v", d.Id(), err)
	}
	return nil
}
