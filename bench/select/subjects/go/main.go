// The select statement over two channels, as every introduction to Go shows it. With one processor, a send to a waiting
// goroutine goes on to the select, which waits, before the other runs.
package main

import (
	"fmt"
	"os"
	"syscall"
)

// receive is the select; it returns the value, and which channel it came from.
func receive(a, b <-chan int) (int, int) {
	select {
	case v := <-a:
		return v, 0
	case v := <-b:
		return v, 1
	}
}

func ready(count int) int {
	a, b := make(chan int, 1), make(chan int, 1)
	sum := 0
	for i := range count {
		if i%2 == 0 {
			a <- i
		} else {
			b <- i
		}
		v, at := receive(a, b)
		check(i, at)
		sum += v
	}
	return sum
}

func blocked(count int) int {
	requests, a, b := make(chan int), make(chan int), make(chan int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v := range requests {
			if v%2 == 0 {
				a <- v
			} else {
				b <- v
			}
		}
	}()
	sum := 0
	for i := range count {
		requests <- i
		v, at := receive(a, b)
		check(i, at)
		sum += v
	}
	close(requests)
	<-done
	return sum
}

func check(i, at int) {
	if at != i%2 {
		fmt.Fprintf(os.Stderr, "%d came from %d\n", i, at)
		os.Exit(1)
	}
}

func run(name string, count int) {
	got := 0
	switch name {
	case "select-ready":
		got = ready(count)
	case "select-blocked":
		got = blocked(count)
	}
	if want := count * (count - 1) / 2; got != want {
		fmt.Fprintf(os.Stderr, "%q of %d: got %d, want %d\n", name, count, got, want)
		os.Exit(1)
	}
}

// cpuNanoseconds is what the process has used so far, user and system.
func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	name := os.Getenv("CASE")
	const count = 5_000_000
	for _, n := range []int{1, 127, 128, 129, 1000, count} {
		run(name, n)
	}
	before := cpuNanoseconds()
	run(name, count)
	fmt.Printf("{\"value\": %.4f}\n", float64(cpuNanoseconds()-before)/count)
}
