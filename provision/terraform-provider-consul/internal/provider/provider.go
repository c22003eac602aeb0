// Package provider holds the stand-in's schemas and what they do in Consul.
//
// Every schema equals that of the official provider 2.22.1, attribute by
// attribute, and so do ids and import formats: a state written by one is read
// by the other without a change.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// New returns the provider, with the resources that Rollcall's stacks use.
func New() *schema.Provider {
	return &schema.Provider{
		Schema: map[string]*schema.Schema{
			"address": {
				Type: schema.TypeString, Optional: true,
				DefaultFunc: schema.MultiEnvDefaultFunc([]string{"CONSUL_ADDRESS", "CONSUL_HTTP_ADDR"}, "localhost:8500"),
				Description: "Address of the Consul HTTP API: `host:port` or a URL.",
			},
			"scheme": {
				Type: schema.TypeString, Optional: true,
				DefaultFunc: schema.MultiEnvDefaultFunc([]string{"CONSUL_SCHEME", "CONSUL_HTTP_SCHEME"}, ""),
				Description: "`http` (the default) or `https`.",
			},
			"datacenter": {
				Type: schema.TypeString, Optional: true,
				Description: "Datacenter to work in; that of the agent when left out.",
			},
			"token": {
				Type: schema.TypeString, Optional: true, Sensitive: true,
				DefaultFunc: schema.MultiEnvDefaultFunc([]string{"CONSUL_TOKEN", "CONSUL_HTTP_TOKEN"}, nil),
				Description: "Secret ID of the ACL token that requests are made with.",
			},
			"http_auth": {
				Type: schema.TypeString, Optional: true,
				DefaultFunc: schema.EnvDefaultFunc("CONSUL_HTTP_AUTH", nil),
				Description: "HTTP basic authentication, `user` or `user:password`.",
			},
			"ca_file":   fileSchema("CONSUL_CA_FILE", "ca_pem", "Path of the CA certificate that Consul's certificate is checked against."),
			"ca_pem":    pemSchema("ca_file", "CA certificate in PEM form that Consul's certificate is checked against."),
			"cert_file": fileSchema("CONSUL_CERT_FILE", "cert_pem", "Path of the client certificate."),
			"cert_pem":  pemSchema("cert_file", "Client certificate in PEM form."),
			"key_file":  fileSchema("CONSUL_KEY_FILE", "key_pem", "Path of the client certificate's private key."),
			"key_pem":   pemSchema("key_file", "Private key of the client certificate in PEM form."),
			"ca_path": {
				Type: schema.TypeString, Optional: true,
				DefaultFunc: schema.EnvDefaultFunc("CONSUL_CAPATH", ""),
				Description: "Path of a folder of CA certificates that Consul's certificate is checked against.",
			},
			"insecure_https": {
				Type: schema.TypeBool, Optional: true, Default: false,
				Description: "Accept any certificate; only with https, and never in production.",
			},
			"namespace": {
				Type: schema.TypeString, Optional: true,
				Description: "Namespace of resources that name none (Consul Enterprise).",
			},
			"header": {
				Type: schema.TypeList, Optional: true, Sensitive: true,
				Description: "A header to send with every request.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"name":  {Type: schema.TypeString, Required: true, Description: "Name of the header."},
					"value": {Type: schema.TypeString, Required: true, Description: "Value of the header."},
				}},
			},
			"auth_jwt": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Description: "Login with a JWT; this stand-in refuses it.",
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"auth_method":  {Type: schema.TypeString, Required: true, Description: "Name of the auth method."},
					"bearer_token": {Type: schema.TypeString, Optional: true, Description: "JWT to log in with."},
					"meta": {
						Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString},
						Description: "Metadata of the token that the login makes.",
					},
					"use_terraform_cloud_workload_identity": {
						Type: schema.TypeBool, Optional: true,
						Description: "Take the JWT from the environment of Terraform Cloud.",
					},
				}},
			},
		},
		ResourcesMap: map[string]*schema.Resource{
			"consul_acl_policy":                  aclPolicy(),
			"consul_acl_token":                   aclToken(),
			"consul_acl_token_policy_attachment": aclTokenPolicyAttachment(),
			"consul_config_entry":                configEntry(),
			"consul_key_prefix":                  keyPrefix(),
			"consul_prepared_query":              preparedQuery(),
		},
		DataSourcesMap: map[string]*schema.Resource{
			"consul_acl_token_secret_id": aclTokenSecretID(),
		},
		ConfigureContextFunc: configure,
	}
}

func fileSchema(env, conflict, description string) *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeString, Optional: true, ConflictsWith: []string{conflict},
		DefaultFunc: schema.EnvDefaultFunc(env, nil), Description: description,
	}
}

func pemSchema(conflict, description string) *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeString, Optional: true, ConflictsWith: []string{conflict}, Description: description,
	}
}

func configure(_ context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
	if methods := d.Get("auth_jwt").([]any); len(methods) > 0 {
		return nil, diag.Errorf("auth_jwt is not supported by Rollcall's stand-in for the consul provider: " +
			"set token, or use the official provider")
	}
	client, err := newClient(d)
	if err != nil {
		return nil, diag.FromErr(err)
	}
	return &connection{
		client:     client,
		datacenter: d.Get("datacenter").(string),
		namespace:  d.Get("namespace").(string),
	}, nil
}
