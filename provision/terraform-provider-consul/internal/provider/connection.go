package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// connection is what every resource is handed: the client, and what the
// provider block says of all of them.
type connection struct {
	client     *api.Client
	datacenter string
	namespace  string

	// tokenLinks lets one attachment change a token's list of policies at a
	// time: Terraform runs ten at once, and each writes the whole list.
	tokenLinks sync.Mutex

	agent           sync.Mutex
	agentDatacenter string
}

// options returns what requests for this resource carry: its own datacenter,
// namespace, partition and token, else those of the provider.
func (c *connection) options(ctx context.Context, d *schema.ResourceData) (*api.QueryOptions, *api.WriteOptions) {
	datacenter := firstOf(text(d, "datacenter"), c.datacenter)
	if datacenter == "" {
		datacenter = c.datacenterOfAgent()
	}
	query := &api.QueryOptions{
		Datacenter: datacenter,
		Namespace:  firstOf(text(d, "namespace"), c.namespace),
		Partition:  text(d, "partition"),
		Token:      text(d, "token"),
	}
	write := &api.WriteOptions{
		Datacenter: query.Datacenter, Namespace: query.Namespace, Partition: query.Partition, Token: query.Token,
	}
	return query.WithContext(ctx), write.WithContext(ctx)
}

// datacenterOfAgent asks the agent where it is, once. A token without
// agent:read is not told; Consul then takes the agent's datacenter by itself.
func (c *connection) datacenterOfAgent() string {
	c.agent.Lock()
	defer c.agent.Unlock()
	if c.agentDatacenter == "" {
		if self, err := c.client.Agent().Self(); err == nil {
			c.agentDatacenter, _ = self["Config"]["Datacenter"].(string)
		}
	}
	return c.agentDatacenter
}

// gone tells whether a failed read means that the token or policy exists no
// more. Consul says "ACL not found" also when it does not know the token that
// it was asked with; taken for an answer, that would empty the state.
func (c *connection) gone(err error, query *api.QueryOptions) (bool, error) {
	if err == nil || !strings.Contains(err.Error(), "ACL not found") {
		return false, err
	}
	if _, _, self := c.client.ACL().TokenReadSelf(query); self != nil {
		return false, fmt.Errorf("Consul does not accept the provider's own ACL token, set a valid one: %w", self)
	}
	return true, nil
}

// ignoreMissing drops the error of deleting what is deleted already.
func ignoreMissing(err error) error {
	var status api.StatusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return nil
	}
	return err
}

// set writes attributes into the state.
func set(d *schema.ResourceData, values map[string]any) diag.Diagnostics {
	for attribute, value := range values {
		// Consul Enterprise answers "default" where nothing was asked for.
		if (attribute == "namespace" || attribute == "partition") && value == "default" && text(d, attribute) == "" {
			value = ""
		}
		if err := d.Set(attribute, value); err != nil {
			return diag.Errorf("state of %s: attribute %s: %v", d.Id(), attribute, err)
		}
	}
	return nil
}

// text returns a string attribute, "" where the resource has no such one.
func text(d *schema.ResourceData, attribute string) string {
	value, _ := d.Get(attribute).(string)
	return value
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// texts returns the strings of a list or a set.
func texts(values any) []string {
	if set, ok := values.(*schema.Set); ok {
		values = set.List()
	}
	list := []string{}
	for _, value := range values.([]any) {
		text, _ := value.(string)
		list = append(list, text)
	}
	return list
}

// textMap returns the strings of a map.
func textMap(values any) map[string]string {
	all := map[string]string{}
	for key, value := range values.(map[string]any) {
		all[key], _ = value.(string)
	}
	return all
}
