package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// outsideJSON is what Consul returns of an entry that config_json is without:
// it is an attribute of its own, or Consul's to write.
var outsideJSON = []string{"Kind", "Name", "Namespace", "Partition", "CreateIndex", "ModifyIndex", "Status"}

// configEntry is consul_config_entry: what services or the mesh have in
// common, of any kind. Its id is `<kind>-<name>`, which no entry is read by.
func configEntry() *schema.Resource {
	return &schema.Resource{
		Description:   "A configuration entry.",
		CreateContext: writeConfigEntry,
		ReadContext:   readConfigEntry,
		UpdateContext: writeConfigEntry,
		DeleteContext: deleteConfigEntry,
		CustomizeDiff: refuseConfigEntry,
		Importer:      &schema.ResourceImporter{StateContext: importConfigEntry},
		Schema: map[string]*schema.Schema{
			"kind":      {Type: schema.TypeString, Required: true, ForceNew: true, Description: "Kind of the entry, for example `service-defaults`."},
			"name":      {Type: schema.TypeString, Required: true, ForceNew: true, Description: "Name of the entry; mostly that of a service."},
			"namespace": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"partition": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"config_json": {
				Type: schema.TypeString, Optional: true, DiffSuppressFunc: sameConfigEntry,
				Description: "The rest of the entry in JSON, in CamelCase.",
			},
		},
	}
}

// attributes is what both a plan and a state are asked for.
type attributes interface{ Get(string) any }

func namedEntry(d attributes) string {
	return fmt.Sprintf("config entry %q", d.Get("kind").(string)+"/"+d.Get("name").(string))
}

// entryOf is the declared entry, as a type of its kind.
func entryOf(d attributes, config string) (api.ConfigEntry, error) {
	declared := map[string]any{}
	if config != "" {
		if err := json.Unmarshal([]byte(config), &declared); err != nil {
			return nil, fmt.Errorf("config_json is not a JSON object: %w", err)
		}
	}
	if declared == nil {
		return nil, errors.New("config_json is null: write an object")
	}
	for key := range declared {
		if slices.ContainsFunc(outsideJSON, func(name string) bool { return strings.EqualFold(name, key) }) {
			delete(declared, key)
		}
	}
	kind, name := d.Get("kind").(string), d.Get("name").(string)
	entry, err := api.MakeConfigEntry(kind, name)
	if err != nil {
		return nil, err
	}
	// Consul would store it under its own name, and nobody find it by this one.
	if only := entry.GetName(); only != name {
		return nil, fmt.Errorf("Consul has one entry of this kind: set name to %q", only)
	}
	if unknown := unknownKey(reflect.TypeOf(entry), declared); unknown != "" {
		return nil, fmt.Errorf("config_json has the key %q, which is unknown there: correct it, keys are in CamelCase", unknown)
	}
	declared["Kind"], declared["Name"] = kind, name
	declared["Namespace"], declared["Partition"] = d.Get("namespace"), d.Get("partition")
	return api.DecodeConfigEntry(declared)
}

// unknownKey finds a key that the type has no field for. Decoding drops it
// without a word.
func unknownKey(of reflect.Type, value any) string {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		if values, ok := value.([]any); ok {
			for _, element := range values {
				if unknown := unknownKey(of.Elem(), element); unknown != "" {
					return unknown
				}
			}
			return ""
		}
		return unknownKey(of.Elem(), value)
	case reflect.Map, reflect.Struct:
		values, _ := value.(map[string]any)
		for key, value := range values {
			var within reflect.Type
			if of.Kind() == reflect.Map {
				within = of.Elem()
			} else if field, ok := of.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, key) }); ok {
				within = field.Type
			} else {
				return key
			}
			if unknown := unknownKey(within, value); unknown != "" {
				return key + "." + unknown
			}
		}
	}
	return ""
}

// refuseConfigEntry stops a plan whose entry Consul would not take as it is.
func refuseConfigEntry(_ context.Context, d *schema.ResourceDiff, _ any) error {
	for _, attribute := range []string{"kind", "name", "namespace", "partition", "config_json"} {
		if !d.NewValueKnown(attribute) {
			return nil
		}
	}
	if _, err := entryOf(d, d.Get("config_json").(string)); err != nil {
		return fmt.Errorf("%s: %w", namedEntry(d), err)
	}
	return nil
}

// sameConfigEntry tells whether two texts mean the same entry: order, spaces,
// empty objects what Consul fills in and how it sorts make no difference.
func sameConfigEntry(_, old, new string, d *schema.ResourceData) bool {
	if old == "" {
		return false // nothing is there yet
	}
	before, err := entryOf(d, old)
	if err != nil {
		return false
	}
	after, err := entryOf(d, new)
	if err != nil {
		return false
	}
	for _, entry := range []api.ConfigEntry{before, after} {
		fillIn(entry)
		dropEmpty(reflect.ValueOf(entry).Elem())
	}
	return reflect.DeepEqual(before, after)
}

// fillIn sets what Consul sets where nothing is declared.
func fillIn(entry api.ConfigEntry) {
	switch entry := entry.(type) {
	case *api.ServiceIntentionsConfigEntry:
		for _, source := range entry.Sources {
			source.Precedence = 0 // Consul works it out, whatever is declared
			source.Type = cmp.Or(source.Type, api.IntentionSourceConsul)
		}
		// Consul sorts them by precedence.
		slices.SortFunc(entry.Sources, func(a, b *api.SourceIntention) int {
			return cmp.Or(
				cmp.Compare(a.Name, b.Name), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.SamenessGroup, b.SamenessGroup),
				cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Namespace, b.Namespace),
			)
		})
	case *api.ServiceRouterConfigEntry:
		for _, route := range entry.Routes {
			if route.Destination != nil {
				route.Destination.Namespace = cmp.Or(route.Destination.Namespace, "default")
				route.Destination.Partition = cmp.Or(route.Destination.Partition, "default")
			}
		}
	case *api.IngressGatewayConfigEntry:
		for i := range entry.Listeners {
			entry.Listeners[i].Protocol = cmp.Or(entry.Listeners[i].Protocol, "tcp")
		}
	case *api.HTTPRouteConfigEntry:
		ofGateway(entry.Parents)
		for _, rule := range entry.Rules {
			for i := range rule.Matches {
				if rule.Matches[i].Path.Match == "" {
					rule.Matches[i].Path = api.HTTPPathMatch{Match: api.HTTPPathMatchPrefix, Value: cmp.Or(rule.Matches[i].Path.Value, "/")}
				}
			}
			for i := range rule.Services {
				rule.Services[i].Weight = cmp.Or(rule.Services[i].Weight, 1)
			}
		}
	case *api.TCPRouteConfigEntry:
		ofGateway(entry.Parents)
	case *api.JWTProviderConfigEntry:
		entry.ClockSkewSeconds = cmp.Or(entry.ClockSkewSeconds, 30)
	}
}

func ofGateway(parents []api.ResourceReference) {
	for i := range parents {
		parents[i].Kind = cmp.Or(parents[i].Kind, api.APIGateway)
	}
}

// dropEmpty makes nothing of structs that are there and hold nothing, and of
// maps and lists without elements. Elements stay, an empty one has a name or
// a place.
func dropEmpty(value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() || value.Elem().Kind() != reflect.Struct {
			return
		}
		dropEmpty(value.Elem())
		if value.Elem().IsZero() && value.CanSet() {
			value.SetZero()
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Field(i).CanSet() {
				dropEmpty(value.Field(i))
			}
		}
	case reflect.Map:
		if value.Len() == 0 {
			value.SetZero()
		}
	case reflect.Slice:
		if value.Len() == 0 {
			value.SetZero()
			return
		}
		for i := range value.Len() {
			element := value.Index(i)
			if element.Kind() == reflect.Pointer {
				element = element.Elem()
			}
			if element.Kind() == reflect.Struct {
				dropEmpty(element)
			}
		}
	}
}

// entryOptions differ where an entry is named by the partition it is in.
func entryOptions(ctx context.Context, d *schema.ResourceData, meta any) (*api.QueryOptions, *api.WriteOptions) {
	query, write := meta.(*connection).options(ctx, d)
	if name := d.Get("name").(string); d.Get("kind") == api.ExportedServices && name != "default" {
		query.Partition = name
	}
	return query, write
}

// writeConfigEntry is both create and update: Consul knows no difference.
func writeConfigEntry(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := entryOptions(ctx, d, meta)
	entry, err := entryOf(d, d.Get("config_json").(string))
	if err == nil {
		_, _, err = meta.(*connection).client.ConfigEntries().Set(entry, write)
	}
	if err != nil {
		d.Partial(true) // nothing was changed: keep the old state
		return diag.Errorf("write %s: %v", namedEntry(d), err)
	}
	d.SetId(d.Get("kind").(string) + "-" + d.Get("name").(string))
	return readConfigEntry(ctx, d, meta)
}

func readConfigEntry(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	query, _ := entryOptions(ctx, d, meta)
	entry, _, err := meta.(*connection).client.ConfigEntries().Get(d.Get("kind").(string), d.Get("name").(string), query)
	if ignoreMissing(err) != nil {
		return diag.Errorf("read %s: %v", namedEntry(d), err)
	}
	if err != nil {
		d.SetId("")
		return nil
	}
	config, err := configOf(entry)
	if err != nil {
		return diag.Errorf("read %s: %v", namedEntry(d), err)
	}
	return set(d, map[string]any{"config_json": config})
}

// configOf is an entry in the terms of config_json.
func configOf(entry api.ConfigEntry) (string, error) {
	text, err := json.Marshal(entry)
	if err != nil {
		return "", err
	}
	values := map[string]any{}
	if err := json.Unmarshal(text, &values); err != nil {
		return "", err
	}
	for _, key := range outsideJSON {
		delete(values, key)
	}
	text, err = json.Marshal(values)
	return string(text), err
}

func deleteConfigEntry(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := entryOptions(ctx, d, meta)
	_, err := meta.(*connection).client.ConfigEntries().Delete(d.Get("kind").(string), d.Get("name").(string), write)
	if err := ignoreMissing(err); err != nil {
		return diag.Errorf("delete %s: %v", namedEntry(d), err)
	}
	return nil
}

// importConfigEntry takes the place of an entry apart, which its id is too
// little for: both kinds and names have dashes.
func importConfigEntry(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
	parts := strings.Split(d.Id(), "/")
	if len(parts) == 2 {
		parts = append([]string{"", ""}, parts...)
	}
	if len(parts) != 4 || parts[2] == "" || parts[3] == "" {
		return nil, fmt.Errorf("config entry to import is %q: write it as <kind>/<name> or <partition>/<namespace>/<kind>/<name>", d.Id())
	}
	d.SetId(parts[2] + "-" + parts[3])
	for i, attribute := range []string{"partition", "namespace", "kind", "name"} {
		if parts[i] == "" {
			continue // as it is where nothing is declared
		}
		if err := d.Set(attribute, parts[i]); err != nil {
			return nil, err
		}
	}
	return []*schema.ResourceData{d}, nil
}
