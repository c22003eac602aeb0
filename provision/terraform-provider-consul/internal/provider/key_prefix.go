package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// keyPrefix is consul_key_prefix: Terraform owns every key under a prefix.
// Keys that others add there appear in the next plan, to be removed.
func keyPrefix() *schema.Resource {
	return &schema.Resource{
		Description:   "Owns all keys under a prefix of Consul's key/value store.",
		CreateContext: createKeyPrefix,
		ReadContext:   readKeyPrefix,
		UpdateContext: updateKeyPrefix,
		DeleteContext: deleteKeyPrefix,
		CustomizeDiff: refuseKeyTwice,
		Importer: &schema.ResourceImporter{
			StateContext: func(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
				return []*schema.ResourceData{d}, d.Set("path_prefix", d.Id())
			},
		},
		Schema: map[string]*schema.Schema{
			"datacenter": {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
			"token": {
				Type: schema.TypeString, Optional: true, Sensitive: true,
				Deprecated: "set the token in the provider block",
			},
			"path_prefix": {
				Type: schema.TypeString, Required: true, ForceNew: true, ValidateFunc: validatePathPrefix,
				Description: "What the keys start with, for example `catalog/user-platform/`.",
			},
			"subkeys": {
				Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
				Description: "Values by key, the keys without the prefix.",
			},
			"subkey": {
				Type: schema.TypeSet, Optional: true,
				Description: "A key that has flags.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"path":  {Type: schema.TypeString, Required: true, Description: "The key without the prefix."},
					"value": {Type: schema.TypeString, Required: true, Description: "The value."},
					"flags": {Type: schema.TypeInt, Optional: true, Default: 0, Description: "The flags."},
				}},
			},
			"namespace": {Type: schema.TypeString, Optional: true, ForceNew: true},
			"partition": {Type: schema.TypeString, Optional: true, ForceNew: true},
		},
	}
}

// entry is what one key holds.
type entry struct {
	value string
	flags int
}

func validatePathPrefix(value any, attribute string) ([]string, []error) {
	prefix := value.(string)
	// The empty prefix is all of the store, which a destroy would erase.
	if prefix == "" || strings.HasPrefix(prefix, "/") {
		return nil, []error{fmt.Errorf("%s is %q: give it at least one segment and no leading slash, such as \"catalog/\"", attribute, prefix)}
	}
	return nil, nil
}

// refuseKeyTwice stops a plan that gives one key two values.
func refuseKeyTwice(_ context.Context, d *schema.ResourceDiff, _ any) error {
	if !d.NewValueKnown("subkeys") || !d.NewValueKnown("subkey") {
		return nil
	}
	_, err := entries(d.Get("subkeys"), d.Get("subkey"))
	return err
}

// entries joins the two ways to declare a key.
func entries(subkeys, blocks any) (map[string]entry, error) {
	all := map[string]entry{}
	for path, value := range subkeys.(map[string]any) {
		all[path] = entry{value: value.(string)}
	}
	for _, block := range blocks.(*schema.Set).List() {
		subkey := block.(map[string]any)
		path := subkey["path"].(string)
		if _, twice := all[path]; twice {
			return nil, fmt.Errorf("key %q is declared twice: keep it either in subkeys or in one subkey block", path)
		}
		all[path] = entry{value: subkey["value"].(string), flags: subkey["flags"].(int)}
	}
	return all, nil
}

func createKeyPrefix(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	prefix := d.Get("path_prefix").(string)
	wanted, err := entries(d.Get("subkeys"), d.Get("subkey"))
	if err != nil {
		return diag.FromErr(err)
	}
	query, write := meta.(*connection).options(ctx, d)
	kv := meta.(*connection).client.KV()
	present, err := listPrefix(kv, prefix, query)
	if err != nil {
		return diag.FromErr(err)
	}
	// Somebody else's keys would be overwritten now and erased by a destroy.
	if len(present) > 0 {
		return diag.Errorf("prefix %q is not empty, it holds %d keys, %q among them: "+
			"import it with this prefix as the id, choose another prefix, or delete the keys first",
			prefix, len(present), slices.Min(slices.Collect(maps.Keys(present))))
	}

	// Before the first write: should one fail, what was written stays known
	// to Terraform instead of blocking every later create.
	d.SetId(prefix)
	if problems := set(d, map[string]any{"datacenter": query.Datacenter}); problems.HasError() {
		return problems
	}
	return diag.FromErr(putEntries(kv, prefix, wanted, present, write))
}

func readKeyPrefix(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	query, _ := meta.(*connection).options(ctx, d)
	present, err := listPrefix(meta.(*connection).client.KV(), d.Id(), query)
	if err != nil {
		return diag.FromErr(err)
	}
	// A key stays where it was declared; any other shows up in subkeys.
	subkeys, blocks := map[string]any{}, []any{}
	for path, found := range present {
		subkeys[path] = found.value
	}
	for _, block := range d.Get("subkey").(*schema.Set).List() {
		path := block.(map[string]any)["path"].(string)
		if found, ok := present[path]; ok {
			delete(subkeys, path)
			blocks = append(blocks, map[string]any{"path": path, "value": found.value, "flags": found.flags})
		}
	}
	return set(d, map[string]any{
		"datacenter": query.Datacenter, "path_prefix": d.Id(), "subkeys": subkeys, "subkey": blocks,
	})
}

func updateKeyPrefix(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	if err := changeKeyPrefix(ctx, d, meta.(*connection)); err != nil {
		d.Partial(true) // keep the old state: the next plan reads what was done
		return diag.FromErr(err)
	}
	return nil
}

func changeKeyPrefix(ctx context.Context, d *schema.ResourceData, c *connection) error {
	oldSubkeys, subkeys := d.GetChange("subkeys")
	oldBlocks, blocks := d.GetChange("subkey")
	// What was read may well hold a key twice; only the declaration may not.
	previous, _ := entries(oldSubkeys, oldBlocks)
	wanted, err := entries(subkeys, blocks)
	if err != nil {
		return err
	}
	query, write := c.options(ctx, d)
	present, err := listPrefix(c.client.KV(), d.Id(), query)
	if err != nil {
		return err
	}
	// Writes go first: a renamed key is there twice for a moment, not absent.
	if err := putEntries(c.client.KV(), d.Id(), wanted, present, write); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(previous)) {
		if _, keep := wanted[path]; keep {
			continue
		}
		if _, err := c.client.KV().Delete(d.Id()+path, write); err != nil {
			return fmt.Errorf("delete key %q: %w", d.Id()+path, err)
		}
	}
	return nil
}

func deleteKeyPrefix(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	_, write := meta.(*connection).options(ctx, d)
	if _, err := meta.(*connection).client.KV().DeleteTree(d.Id(), write); err != nil {
		return diag.Errorf("delete the keys under %q: %v", d.Id(), err)
	}
	return nil
}

// putEntries writes the keys that are missing or hold something else, and
// leaves the others alone: a write wakes everyone who watches that key.
func putEntries(kv *api.KV, prefix string, wanted, present map[string]entry, write *api.WriteOptions) error {
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		want := wanted[path]
		if found, ok := present[path]; ok && found == want {
			continue
		}
		pair := &api.KVPair{Key: prefix + path, Value: []byte(want.value), Flags: uint64(want.flags)}
		if _, err := kv.Put(pair, write); err != nil {
			return fmt.Errorf("write key %q: %w", pair.Key, err)
		}
	}
	return nil
}

// listPrefix returns all keys under a prefix, named without it.
func listPrefix(kv *api.KV, prefix string, query *api.QueryOptions) (map[string]entry, error) {
	pairs, about, err := kv.List(prefix, query)
	if err != nil {
		return nil, fmt.Errorf("list the keys under %q: %w", prefix, err)
	}
	// What the token may not see would look deleted.
	if about.ResultsFilteredByACLs {
		return nil, fmt.Errorf("the ACL token may not read all keys under %q: grant it key_prefix %q { policy = \"write\" }", prefix, prefix)
	}
	present := map[string]entry{}
	for _, pair := range pairs {
		present[strings.TrimPrefix(pair.Key, prefix)] = entry{value: string(pair.Value), flags: int(pair.Flags)}
	}
	return present, nil
}
