// Command load-client asks one address so many times a second, whether or not
// the earlier ones are answered, and prints what came of it as JSON.
//
//	load-client URL SECONDS REQUESTS-A-SECOND AT-ONCE
//
// It has so many connections at once, and falls behind where all of them wait.
// With 0 requests a second it asks as fast as it is answered, so many at once.
// Every request that was begun is counted as sent, also one that has no answer
// after 10 s.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const patience = 10 * time.Second

// outcome is what load.ts reads.
type outcome struct {
	Sent         int            `json:"sent"`
	Counts       map[string]int `json:"counts"`
	Milliseconds quantiles      `json:"milliseconds"`
}

// quantiles are of the answers with 200.
type quantiles struct {
	Median float64 `json:"median"`
	P99    float64 `json:"p99"`
	Most   float64 `json:"most"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: load-client URL SECONDS REQUESTS-A-SECOND AT-ONCE")
	}
	var numbers [3]int
	for i := range numbers {
		number, err := strconv.Atoi(args[i+1])
		if err != nil {
			return err
		}
		numbers[i] = number
	}
	seconds, perSecond, atOnce := numbers[0], numbers[1], numbers[2]
	attacker := vegeta.NewAttacker(
		vegeta.Timeout(patience), vegeta.MaxBody(0), vegeta.MaxWorkers(uint64(atOnce)),
		vegeta.Connections(atOnce), vegeta.MaxConnections(atOnce),
		// Docker's own resolver would be flooded with a question for each connection.
		vegeta.DNSCaching(0))
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: args[0]})
	rate := vegeta.Rate{Freq: perSecond, Per: time.Second}
	result := outcome{Counts: map[string]int{}}
	var served vegeta.Metrics
	for each := range attacker.Attack(target, rate, time.Duration(seconds)*time.Second, "") {
		result.Sent++
		result.Counts[kind(each)]++
		if each.Code == 200 {
			served.Add(each)
		}
	}
	served.Close()
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	result.Milliseconds = quantiles{
		Median: milliseconds(served.Latencies.P50),
		P99:    milliseconds(served.Latencies.P99),
		Most:   milliseconds(served.Latencies.Max),
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// kind is the status of an answer, or the last words of why there is none.
func kind(result *vegeta.Result) string {
	if result.Code != 0 {
		return strconv.Itoa(int(result.Code))
	}
	words := strings.Split(result.Error, ": ")
	return words[len(words)-1]
}
