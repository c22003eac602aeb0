// Command terraform-provider-consul is Rollcall's stand-in for the official
// hashicorp/consul provider, for networks that reach no Terraform registry.
// Terraform starts it; see README.md for what it covers.
package main

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"

	"terraform-provider-consul/internal/provider"
)

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: provider.New})
}
