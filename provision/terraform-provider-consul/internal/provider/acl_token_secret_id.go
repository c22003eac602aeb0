package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// aclTokenSecretID is the data source consul_acl_token_secret_id: the secret
// of a token, for whoever must present it. It lands in the state.
func aclTokenSecretID() *schema.Resource {
	return &schema.Resource{
		Description: "The secret ID of an ACL token.",
		ReadContext: readSecretID,
		Schema: map[string]*schema.Schema{
			"accessor_id":         {Type: schema.TypeString, Required: true, Description: "Accessor ID of the token."},
			"namespace":           {Type: schema.TypeString, Optional: true},
			"partition":           {Type: schema.TypeString, Optional: true},
			"pgp_key":             {Type: schema.TypeString, Optional: true, Description: "Encrypt the secret; this stand-in refuses it."},
			"secret_id":           {Type: schema.TypeString, Computed: true, Sensitive: true, Description: "The secret ID."},
			"encrypted_secret_id": {Type: schema.TypeString, Computed: true, Sensitive: true, Description: "Always empty in this stand-in."},
		},
	}
}

func readSecretID(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := meta.(*connection)
	accessorID := d.Get("accessor_id").(string)
	if d.Get("pgp_key").(string) != "" {
		return diag.Errorf("pgp_key is not supported by Rollcall's stand-in for the consul provider: " +
			"remove it, or use the official provider")
	}
	query, _ := c.options(ctx, d)
	token, _, err := c.client.ACL().TokenRead(accessorID, query)
	gone, err := c.gone(err, query)
	if err != nil {
		return diag.Errorf("read ACL token %q: %v", accessorID, err)
	}
	if gone {
		return diag.Errorf("no ACL token has the accessor ID %q: correct accessor_id, or create the token first", accessorID)
	}
	d.SetId(accessorID)
	return set(d, map[string]any{"secret_id": token.SecretID, "encrypted_secret_id": "", "pgp_key": ""})
}
