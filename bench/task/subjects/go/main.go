// Goroutines for the task bench: the same kernels as in ../kernels.ts.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
)

const (
	count   = 200_000
	size    = 1_000
	million = 1_000_000
)

func cpuNanoseconds() int64 {
	r := usage()
	return r.Utime.Nano() + r.Stime.Nano()
}

func usage() syscall.Rusage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return r
}

func printNanoseconds(loop func()) {
	for range 3 {
		loop()
	}
	before := cpuNanoseconds()
	loop()
	fmt.Printf("{\"value\": %f}\n", float64(cpuNanoseconds()-before)/count)
}

func want(got, want int) {
	if got != want {
		panic(fmt.Sprintf("got %d, want %d", got, want))
	}
}

// spawnJoin gives each goroutine a channel for its result: what a task has.
func spawnJoin(n int) int {
	sum := 0
	for i := range n {
		result := make(chan int, 1)
		go func() { result <- i }()
		sum += <-result
	}
	return sum
}

func spawnJoinBatch(n int) int {
	results := make([]chan int, n)
	for i := range n {
		result := make(chan int, 1)
		results[i] = result
		go func() { result <- i }()
	}
	sum := 0
	for _, result := range results {
		sum += <-result
	}
	return sum
}

type blocked struct {
	gate    chan int
	waiting atomic.Int64
	ended   sync.WaitGroup
}

func block(n int) *blocked {
	b := &blocked{gate: make(chan int)}
	b.ended.Add(n)
	for i := range n {
		go func() {
			b.waiting.Add(1)
			<-b.gate
			b.ended.Done()
		}()
		if i%1_000 == 999 {
			runtime.Gosched()
		}
	}
	for b.waiting.Load() < int64(n) {
		runtime.Gosched()
	}
	return b
}

func main() {
	switch name := os.Getenv("BENCH_CASE"); name {
	case "spawn-join":
		want(spawnJoin(1_000), 1_000*999/2)
		printNanoseconds(func() { spawnJoin(count) })
	case "spawn-join-batch":
		want(spawnJoinBatch(size), size*(size-1)/2)
		printNanoseconds(func() {
			for range count / size {
				spawnJoinBatch(size)
			}
		})
	default:
		few := block(100)
		want(int(few.waiting.Load()), 100)
		close(few.gate)
		few.ended.Wait()
		before := cpuNanoseconds()
		b := block(million)
		took := cpuNanoseconds() - before
		want(int(b.waiting.Load()), million)
		value := float64(usage().Maxrss) * 1024 / million
		if name == "million-blocked-time" {
			value = float64(took) / million
		}
		fmt.Printf("{\"value\": %f}\n", value)
	}
}
