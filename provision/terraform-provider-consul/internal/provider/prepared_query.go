package provider

import (
	"context"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// hiddenToken is what Consul answers in place of a stored token to whoever
// may not read ACLs.
const hiddenToken = "<hidden>"

// preparedQuery is consul_prepared_query: a lookup of a service with filters
// and failover that clients run by its name. Its id is the query's ID.
func preparedQuery() *schema.Resource {
	return &schema.Resource{
		Description:   "A prepared query.",
		CreateContext: createQuery,
		ReadContext:   readQuery,
		UpdateContext: updateQuery,
		DeleteContext: deleteQuery,
		Importer:      &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
		Schema: map[string]*schema.Schema{
			"datacenter": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"token": {
				Type: schema.TypeString, Optional: true, Sensitive: true,
				Deprecated: "set the token in the provider block",
			},
			"name":         {Type: schema.TypeString, Required: true, Description: "Name to run it by; `\"\"` answers to every name."},
			"session":      {Type: schema.TypeString, Optional: true, Description: "ID of the session that it ends with."},
			"stored_token": {Type: schema.TypeString, Optional: true, Description: "Secret ID of the ACL token that it runs with."},
			"service":      {Type: schema.TypeString, Required: true, Description: "Name of the service to look up."},
			"tags": {
				Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "Tags that instances have, or with a leading `!` have not.",
			},
			"near":         {Type: schema.TypeString, Optional: true, Description: "Node to sort by distance from, or `_agent`."},
			"only_passing": {Type: schema.TypeBool, Optional: true, Description: "Leave out instances with a warning, too."},
			"connect":      {Type: schema.TypeBool, Optional: true, Description: "Find the service's mesh proxies."},
			"ignore_check_ids": {
				Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "IDs of checks that do not count.",
			},
			"node_meta": {
				Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "Metadata that the instance's node has.",
			},
			"service_meta": {
				Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "Metadata that the instance has.",
			},
			"failover": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Description: "Where to look when no instance here is healthy.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"nearest_n": {Type: schema.TypeInt, Optional: true, Description: "This many of the nearest datacenters."},
					"datacenters": {
						Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
						Description: "Datacenters, tried after the nearest ones.",
					},
					"targets": {
						Type: schema.TypeList, Optional: true,
						Description: "Peers and datacenters in order, instead of the other two.",
						Elem: &schema.Resource{Schema: map[string]*schema.Schema{
							"peer":       {Type: schema.TypeString, Optional: true, Description: "Name of a cluster peer."},
							"datacenter": {Type: schema.TypeString, Optional: true, Description: "Name of a datacenter."},
						}},
					},
				}},
			},
			"dns": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Description: "How it answers over DNS.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"ttl": {Type: schema.TypeString, Optional: true, Description: "How long the answer holds, for example `10s`."},
				}},
			},
			"template": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Description: "Makes it answer to all names that match.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"type":              {Type: schema.TypeString, Required: true, Description: "How names match: `name_prefix_match`."},
					"regexp":            {Type: schema.TypeString, Required: true, Description: "Takes the name apart for `service` and `tags`."},
					"remove_empty_tags": {Type: schema.TypeBool, Optional: true, Description: "Drop tags that the template leaves empty."},
				}},
			},
		},
	}
}

func queryOf(d *schema.ResourceData) *api.PreparedQueryDefinition {
	failover := api.QueryFailoverOptions{
		NearestN:    d.Get("failover.0.nearest_n").(int),
		Datacenters: texts(d.Get("failover.0.datacenters")),
	}
	for _, block := range d.Get("failover.0.targets").([]any) {
		target, _ := block.(map[string]any) // an empty block arrives as nil
		peer, _ := target["peer"].(string)
		datacenter, _ := target["datacenter"].(string)
		failover.Targets = append(failover.Targets, api.QueryFailoverTarget{Peer: peer, Datacenter: datacenter})
	}
	return &api.PreparedQueryDefinition{
		ID:      d.Id(),
		Name:    d.Get("name").(string),
		Session: d.Get("session").(string),
		Token:   d.Get("stored_token").(string),
		Service: api.ServiceQuery{
			Service:        d.Get("service").(string),
			Near:           d.Get("near").(string),
			OnlyPassing:    d.Get("only_passing").(bool),
			Connect:        d.Get("connect").(bool),
			Tags:           texts(d.Get("tags")),
			IgnoreCheckIDs: texts(d.Get("ignore_check_ids")),
			NodeMeta:       textMap(d.Get("node_meta")),
			ServiceMeta:    textMap(d.Get("service_meta")),
			Failover:       failover,
		},
		DNS: api.QueryDNSOptions{TTL: d.Get("dns.0.ttl").(string)},
		Template: api.QueryTemplate{
			Type:            d.Get("template.0.type").(string),
			Regexp:          d.Get("template.0.regexp").(string),
			RemoveEmptyTags: d.Get("template.0.remove_empty_tags").(bool),
		},
	}
}

func createQuery(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	id, _, err := meta.(*connection).client.PreparedQuery().Create(queryOf(d), write)
	if err != nil {
		return diag.Errorf("create prepared query %q: %v", d.Get("name"), err)
	}
	d.SetId(id)
	return readQuery(ctx, d, meta)
}

func readQuery(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	options, _ := meta.(*connection).options(ctx, d)
	found, _, err := meta.(*connection).client.PreparedQuery().Get(d.Id(), options)
	if ignoreMissing(err) != nil {
		return diag.Errorf("read prepared query %q: %v", d.Id(), err)
	}
	if len(found) != 1 {
		d.SetId("")
		return nil
	}
	query, service := found[0], found[0].Service
	token := query.Token
	if token == hiddenToken {
		token = firstOf(text(d, "stored_token"), hiddenToken)
	}
	targets := []any{}
	for _, target := range service.Failover.Targets {
		targets = append(targets, map[string]any{"peer": target.Peer, "datacenter": target.Datacenter})
	}
	failsOver := service.Failover.NearestN != 0 || len(service.Failover.Datacenters) > 0 || len(targets) > 0
	return set(d, map[string]any{
		"name":             query.Name,
		"session":          query.Session,
		"stored_token":     token,
		"service":          service.Service,
		"tags":             service.Tags,
		"near":             service.Near,
		"only_passing":     service.OnlyPassing,
		"connect":          service.Connect,
		"ignore_check_ids": service.IgnoreCheckIDs,
		"node_meta":        service.NodeMeta,
		"service_meta":     service.ServiceMeta,
		"failover": oneBlock(d, "failover", failsOver, map[string]any{
			"nearest_n": service.Failover.NearestN, "datacenters": service.Failover.Datacenters, "targets": targets,
		}),
		"dns": oneBlock(d, "dns", query.DNS != api.QueryDNSOptions{}, map[string]any{"ttl": query.DNS.TTL}),
		"template": oneBlock(d, "template", query.Template != api.QueryTemplate{}, map[string]any{
			"type": query.Template.Type, "regexp": query.Template.Regexp, "remove_empty_tags": query.Template.RemoveEmptyTags,
		}),
	})
}

// oneBlock is a block that Consul always returns: one that holds nothing is
// in the state only where it is declared.
func oneBlock(d *schema.ResourceData, attribute string, holds bool, values map[string]any) []any {
	if !holds && len(d.Get(attribute).([]any)) == 0 {
		return []any{}
	}
	return []any{values}
}

func updateQuery(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	if _, err := meta.(*connection).client.PreparedQuery().Update(queryOf(d), write); err != nil {
		d.Partial(true) // nothing was changed: keep the old state
		return diag.Errorf("update prepared query %q: %v", d.Id(), err)
	}
	return readQuery(ctx, d, meta)
}

func deleteQuery(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	_, err := meta.(*connection).client.PreparedQuery().Delete(d.Id(), write)
	if err := ignoreMissing(err); err != nil {
		return diag.Errorf("delete prepared query %q: %v", d.Id(), err)
	}
	return nil
}
