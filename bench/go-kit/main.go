// Command go-kit is a peer of `npm run bench:discovery -- peers`: what a pick
// costs with go-kit's sd/consul and its round robin. It prints nanoseconds.
//
//	go-kit ADDRESS SERVICE
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-kit/kit/endpoint"
	"github.com/go-kit/kit/sd"
	"github.com/go-kit/kit/sd/consul"
	"github.com/go-kit/kit/sd/lb"
	"github.com/go-kit/log"
	"github.com/hashicorp/consul/api"
)

const picks = 5_000_000

func main() {
	nanoseconds, err := measure(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(nanoseconds)
}

func measure(address, service string) (int64, error) {
	config := api.DefaultConfig()
	config.Address = address
	client, err := api.NewClient(config)
	if err != nil {
		return 0, err
	}
	instancer := consul.NewInstancer(consul.NewClient(client), log.NewNopLogger(), service, nil, true)
	defer instancer.Stop()
	nothing := func(context.Context, any) (any, error) { return nil, nil }
	factory := func(string) (endpoint.Endpoint, io.Closer, error) { return nothing, nil, nil }
	balancer := lb.NewRoundRobin(sd.NewEndpointer(instancer, factory, log.NewNopLogger()))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err = balancer.Endpoint(); err == nil {
			break
		}
		if time.Now().After(deadline) {
			return 0, err
		}
	}
	begun := time.Now()
	for range picks {
		if _, err = balancer.Endpoint(); err != nil {
			return 0, err
		}
	}
	return time.Since(begun).Nanoseconds() / picks, nil
}
