package provider

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// managementToken is what the tests' Consul starts with.
const managementToken = "b1f7ad1a-6a5c-4a0e-9d5c-3a2f8f1c0d11"

// The tests share one real Consul server, with ACLs on and default deny.
var consul struct {
	once    sync.Once
	err     error
	folder  string
	process *exec.Cmd
	address string
	client  *api.Client
}

// TestMain keeps the machine's own Terraform and Consul settings out of the
// tests, and ends the Consul server that they started.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "CONSUL_") {
			_ = os.Unsetenv(name)
		}
	}
	_ = os.Setenv("TF_ACC", "1") // without it the acceptance tests would be skipped
	_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	_ = os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	if path, err := exec.LookPath("terraform"); err == nil && os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		_ = os.Setenv("TF_ACC_TERRAFORM_PATH", path)
	}
	code := m.Run()
	if consul.process != nil {
		_ = consul.process.Process.Kill()
		_ = consul.process.Wait()
	}
	_ = os.RemoveAll(consul.folder)
	os.Exit(code)
}

// startedConsul returns a client of the tests' Consul with all rights.
func startedConsul(t *testing.T) *api.Client {
	t.Helper()
	consul.once.Do(func() { consul.err = startConsul() })
	if consul.err != nil {
		t.Fatal(consul.err)
	}
	return consul.client
}

func startConsul() error {
	binary, err := exec.LookPath(firstOf(os.Getenv("ROLLCALL_TEST_CONSUL"), "consul"))
	if err != nil {
		return fmt.Errorf("these tests need a real Consul: put consul on the PATH, or its path into ROLLCALL_TEST_CONSUL: %w", err)
	}
	if consul.folder, err = os.MkdirTemp("", "consul"); err != nil {
		return err
	}
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	config := fmt.Sprintf(`
		bind_addr            = "127.0.0.1"
		disable_update_check = true
		acl   { enabled = true default_policy = "deny" tokens { initial_management = %q } }
		ports { http = %d server = %d serf_lan = %d serf_wan = -1 grpc = -1 grpc_tls = -1 dns = -1 }
		# Each step's provider lives in the tests' process and keeps connections.
		limits { http_max_conns_per_client = 0 }
	`, managementToken, ports[0], ports[1], ports[2])
	configFile, logFile := filepath.Join(consul.folder, "consul.hcl"), filepath.Join(consul.folder, "consul.log")
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return err
	}
	log, err := os.Create(logFile)
	if err != nil {
		return err
	}
	consul.process = exec.Command(binary, "agent", "-dev", "-config-file", configFile)
	consul.process.Stdout, consul.process.Stderr = log, log
	if err := consul.process.Start(); err != nil {
		return err
	}
	consul.address = fmt.Sprintf("127.0.0.1:%d", ports[0])
	consul.client, err = api.NewClient(&api.Config{Address: consul.address, Token: managementToken})
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if _, _, err = consul.client.ACL().TokenReadSelf(nil); err == nil {
			return nil
		}
	}
	said, _ := os.ReadFile(logFile)
	return fmt.Errorf("%s is not ready after 30 s: %w\n%s", binary, err, said)
}

func freePorts(count int) ([]int, error) {
	ports := []int{}
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // all stay taken until the last is found
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// acceptance plans and applies the steps with a real Terraform. Steps without
// a provider block of their own get one with all rights.
func acceptance(t *testing.T, test resource.TestCase) {
	t.Helper()
	startedConsul(t)
	for i, step := range test.Steps {
		if step.Config != "" && !strings.Contains(step.Config, "provider \"consul\"") {
			test.Steps[i].Config = providerBlock(managementToken) + step.Config
		}
	}
	test.ProviderFactories = map[string]func() (*schema.Provider, error){
		"consul": func() (*schema.Provider, error) { return New(), nil },
	}
	resource.Test(t, test)
}

func providerBlock(token string) string {
	return fmt.Sprintf("provider \"consul\" {\n  address = %q\n  token   = %q\n}\n", consul.address, token)
}

// check turns a question to Consul into a check of a step.
func check(question func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return question() }
}

// idOf returns a resource's id through the pointer.
func idOf(address string, id *string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		found, ok := state.RootModule().Resources[address]
		if !ok {
			return fmt.Errorf("%s is not in the state", address)
		}
		*id = found.Primary.ID
		return nil
	}
}

// must stops the test where a change behind Terraform's back fails.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
